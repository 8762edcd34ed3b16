import LinearAlgebra

extension NestedCrossedProducts {
  /// θ from moments, to begin a search near its end; nil where a grouping has several effects or the moments give none.
  ///
  /// With r the residual of least squares, P_a the projection on grouping a and Q the basis of the fixed effects,
  /// E r'r = σ²(n − p) + Σ_b σ_b² (tr V_b − tr Q'V_bQ) and, all but exactly,
  /// E r'P_ar = σ²(R_a − tr Q'P_aQ) + Σ_b σ_b² (tr P_aV_b − tr Q'V_bQ): as many linear equations as variances, from sums over
  /// levels and pairs of levels alone. Gao & Owen, Electron J Stat 2017;11:1235–1296, doi 10.1214/17-EJS1236, Henderson's method 3.
  func momentStart() -> [Double]? {
    guard layout.blocks.allSatisfy({ $0.width == 1 }), layout.blocks.count == layout.parameters.count else {
      return nil
    }
    let m = layout.blocks.count
    var moments = Moments(groupings: m)
    for component in components { add(component, to: &moments) }
    let last = gram.columns - 1
    var left = Matrix(rows: m + 1, columns: m + 1)
    var right = [Double](repeating: 0, count: m + 1)
    left[0, 0] = Double(layout.blocks[0].codes.count - last)
    right[0] = gram[last, last]
    for b in 0..<m { left[0, b + 1] = moments.projected[b, b] - moments.fixed[b] }
    for a in 0..<m {
      left[a + 1, 0] = moments.levels[a]
      right[a + 1] = moments.explained[a]
      for b in 0..<m { left[a + 1, b + 1] = moments.projected[a, b] - moments.fixed[b] }
    }
    guard let variances = try? LUFactor(of: left).solve(right), variances[0] > 0 else { return nil }
    let theta = (0..<m).map { max(variances[$0 + 1] / variances[0], 0.01).squareRoot() }
    guard theta.allSatisfy({ $0.isFinite && $0 < 100 }) else { return nil }
    return layout.parameters.map { theta[$0.block] }
  }

  private struct Moments {
    /// tr P_aV_b; tr V_a on the diagonal.
    var projected: Matrix
    /// tr Q'V_bQ.
    var fixed: [Double]
    /// R_a − tr Q'P_aQ.
    var levels: [Double]
    /// r'P_ar.
    var explained: [Double]

    init(groupings m: Int) {
      projected = Matrix(rows: m, columns: m)
      fixed = [Double](repeating: 0, count: m)
      levels = fixed
      explained = fixed
    }

    /// Adds a level with z'z and z'M.
    mutating func add(_ block: Int, square: Double, _ product: (Int) -> Double, width w: Int) {
      guard square > 0 else { return }
      var onFixed = 0.0
      for j in 0..<(w - 1) { onFixed += product(j) * product(j) }
      fixed[block] += onFixed
      levels[block] += 1 - onFixed / square
      explained[block] += product(w - 1) * product(w - 1) / square
      projected[block, block] += square
    }

    /// Adds a pair of levels of two groupings, z'z of each and of both.
    mutating func add(_ a: Int, _ squareA: Double, _ b: Int, _ squareB: Double, common: Double) {
      guard squareA > 0, squareB > 0 else { return }
      projected[a, b] += common * common / squareA
      projected[b, a] += common * common / squareB
    }
  }

  private func add(_ component: Component, to moments: inout Moments) {
    let w = width
    let r = component.size
    for leaf in 0..<component.leafCount {
      moments.add(leafBlock, square: component.a[leaf], { component.c[leaf * w + $0] }, width: w)
      for position in component.columnStarts[leaf]..<component.columnStarts[leaf + 1] {
        let node = component.columns[position]
        moments.add(
          leafBlock, component.a[leaf], component.nodes[node].block, component.restGram[node, node],
          common: component.b[position])
      }
    }
    for (i, node) in component.nodes.enumerated() {
      let square = component.restGram[i, i]
      moments.add(node.block, square: square, { component.restProducts[i, $0] }, width: w)
      for j in (i + 1)..<max(r, i + 1) where component.nodes[j].block != node.block {
        let common = component.restGram[max(i, j), min(i, j)]
        if common != 0 {
          moments.add(node.block, square, component.nodes[j].block, component.restGram[j, j], common: common)
        }
      }
    }
  }
}
