import Glibc
import LinearAlgebra

/// The cross-products of a model with several groupings, nested, crossed or partly crossed.
///
/// The grouping with the most random effects is the leaf: its part of Ω = Λ'Z'ZΛ + I is block-diagonal over its levels
/// and is eliminated level by level. The other groupings' effects are the rest. Levels that are linked by observations
/// form a component, in which the rest is one matrix: one site with its patients where patients are nested in sites, the
/// whole data where groupings are crossed.
struct NestedCrossedProducts: PenalisedLeastSquares {
  /// One level of a grouping that is not the leaf: the place of its effects inside its component.
  struct Node {
    let block: Int
    let level: Int
    let start: Int
  }

  /// Levels that are linked, directly or through others, with the cross-products of their observations.
  ///
  /// Values of leaf levels lie one after the other; those of a leaf level's columns begin at q₁ times its column start.
  struct Component {
    var nodes: [Node] = []
    /// The number r of rest effects.
    var size = 0
    /// The levels of the leaf grouping.
    var levels: [Int] = []
    /// Where the columns of a leaf level begin, and after the last their number.
    var columnStarts = [0]
    /// The places in the rest that share observations with a leaf level, ascending in each.
    var columns: [Int] = []
    /// A = Z₁'Z₁ (q₁ × q₁), B = Z₁'Z_R over the columns, C = Z₁'M (q₁ × width).
    var a: [Double] = []
    var b: [Double] = []
    var c: [Double] = []
    /// Z_R'Z_R and Z_R'M.
    var restGram = Matrix(rows: 0, columns: 0)
    var restProducts = Matrix(rows: 0, columns: 0)
    /// For each place in the rest, the leaf levels that touch it and where it stands among `columns`.
    var occurrenceStarts = [0]
    var occurrences: [(leaf: Int, position: Int)] = []

    var leafCount: Int { levels.count }
  }

  let width: Int
  let layout: RandomEffectsLayout
  let leafBlock: Int
  /// The number of effects of a leaf level.
  let q: Int
  let components: [Component]
  /// M'M.
  let gram: Matrix

  // Scratch for the component at hand. `reduce` leaves the factor of the rest's part of Ω in `rest`.
  var rest: [Double]
  /// A second matrix of the rest's order; S¹ = Z_R'V₁⁻¹Z_R where it is asked for.
  var spare: [Double] = []
  var information: [Double] = []
  /// Z_R'V₁⁻¹M, and Λ_R' times it.
  var right: [Double]
  private var spherical: [Double]
  /// Per leaf level L⁻¹Λ₁', which times B is `links` and times C is `leafRight`.
  var halves: [Double]
  private var links: [Double]
  private var leafRight: [Double]
  private var omega: [Double]
  /// What a component's derivatives need, and the λ for which the only component has it.
  var reduced = Reduced()
  var reducedAt: [Double]?

  init(layout: RandomEffectsLayout, basis m: Matrix, rootWeights: [Double]) {
    self.layout = layout
    width = m.columns
    let leafBlock = layout.blocks.indices.max {
      (layout.blocks[$0].randomEffectCount, $1) < (layout.blocks[$1].randomEffectCount, $0)
    }!
    self.leafBlock = leafBlock
    gram = m.gram()
    let q = layout.blocks[leafBlock].width
    self.q = q
    components = Self.crossProducts(
      layout, leafBlock: leafBlock, basis: m, rootWeights: rootWeights)
    let largest = components.map(\.size).max() ?? 0
    let leaves = components.map(\.leafCount).max() ?? 0
    let columns = components.map(\.columns.count).max() ?? 0
    func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
    rest = zeros(largest * largest)
    right = zeros(largest * m.columns)
    spherical = right
    halves = zeros(leaves * q * q)
    links = zeros(columns * q)
    leafRight = zeros(leaves * q * m.columns)
    omega = zeros(q * q)
  }

  var isDense: Bool { components.contains { $0.size > 64 } }

  mutating func reduce(_ lambda: [Double], into k: inout [Double]) -> Double? {
    for i in 0..<(width * width) { k[i] = gram.storage[i] }
    reducedAt = nil
    var logDeterminant = 0.0
    for index in components.indices {
      guard let part = reduce(component: index, lambda, &k, keepsInformation: false) else { return nil }
      logDeterminant += part
    }
    return logDeterminant
  }

  /// Starts K at M'M.
  func fillGram(_ k: inout [Double]) {
    for i in 0..<(width * width) { k[i] = gram.storage[i] }
  }

  /// Eliminates a component: subtracts from K what its random effects explain, and returns its part of log|V|.
  ///
  /// - Parameter keepsInformation: whether S¹ is copied to `information`.
  mutating func reduce(
    component index: Int, _ lambda: [Double], _ k: inout [Double], keepsInformation: Bool
  ) -> Double? {
    let r = components[index].size
    let w = width
    for i in 0..<(r * w) { right[i] = components[index].restProducts.storage[i] }
    guard var logDeterminant = eliminateLeaves(index, lambda, &k) else { return nil }
    guard r > 0 else { return logDeterminant }
    fillInformation(index)
    if keepsInformation {
      if information.count < r * r { information = [Double](repeating: 0, count: rest.count) }
      for i in 0..<(r * r) { information[i] = rest[i] }
    }
    RestBlocks(components[index], layout, lambda).makeCongruent(&rest)
    for i in 0..<r { rest[i + i * r] += 1 }
    for i in 0..<(r * w) { spherical[i] = right[i] }
    RestBlocks(components[index], layout, lambda).multiplyTransposed(&spherical, columns: w)
    let failed = rest.withUnsafeMutableBufferPointer { rest in
      spherical.withUnsafeMutableBufferPointer { spherical in
        k.withUnsafeMutableBufferPointer { k in
          let failed = TiledCholesky.factor(rest, order: r)
          guard failed == 0 else { return failed }
          DenseKernels.solveLower(rest, order: r, spherical, columns: w)
          DenseKernels.subtractGram(of: spherical, rows: r, columns: w, from: k)
          return 0
        }
      }
    }
    guard failed == 0 else { return nil }
    for i in 0..<r { logDeterminant += 2 * log(rest[i + i * r]) }
    return logDeterminant
  }

  /// Factors Ω of every leaf level, with what follows for K and the rest's right sides.
  private mutating func eliminateLeaves(_ index: Int, _ lambda: [Double], _ k: inout [Double]) -> Double? {
    let q = q
    let w = width
    let r = components[index].size
    var logDeterminant = 0.0
    for leaf in 0..<components[index].leafCount {
      guard let logPivot = factor(leaf, of: index, lambda) else { return nil }
      logDeterminant += 2 * logPivot
    }
    let component = components[index]
    halves.withUnsafeBufferPointer { halves in
      links.withUnsafeMutableBufferPointer { links in
        leafRight.withUnsafeMutableBufferPointer { leafRight in
          right.withUnsafeMutableBufferPointer { right in
            k.withUnsafeMutableBufferPointer { k in
              component.b.withUnsafeBufferPointer { b in
                component.c.withUnsafeBufferPointer { c in
                  for leaf in 0..<component.leafCount {
                    let half = halves.baseAddress! + leaf * q * q
                    let columns = component.columnStarts[leaf]..<component.columnStarts[leaf + 1]
                    Self.multiply(half, q, b, into: links, columns)
                    Self.multiply(half, q, c, into: leafRight, (leaf * w)..<(leaf * w + w))
                    let own = leafRight.baseAddress! + leaf * q * w
                    for j in 0..<w {
                      for position in columns {
                        var sum = 0.0
                        for t in 0..<q { sum += links[t + position * q] * own[t + j * q] }
                        right[component.columns[position] + j * r] -= sum
                      }
                      for i in j..<w {
                        var sum = 0.0
                        for t in 0..<q { sum += own[t + i * q] * own[t + j * q] }
                        k[i + j * w] -= sum
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return logDeterminant
  }

  /// y ← H x for some columns of q values each.
  static func multiply(
    _ h: UnsafePointer<Double>, _ q: Int, _ x: UnsafeBufferPointer<Double>,
    into y: UnsafeMutableBufferPointer<Double>, _ columns: Range<Int>
  ) {
    if q == 1 {
      let factor = h[0]
      for j in columns { y[j] = factor * x[j] }
      return
    }
    for j in columns {
      for i in 0..<q {
        var sum = 0.0
        for t in 0..<q { sum += h[i + t * q] * x[t + j * q] }
        y[i + j * q] = sum
      }
    }
  }

  /// Writes the lower triangle of S¹ = Z_R'Z_R − Σ links' links to `rest`, column by column.
  ///
  /// By columns of the rest and not by leaf levels: a column stays in the fastest cache while all levels add to it.
  private mutating func fillInformation(_ index: Int) {
    let component = components[index]
    let r = component.size
    let q = q
    rest.withUnsafeMutableBufferPointer { rest in
      links.withUnsafeBufferPointer { links in
        component.columns.withUnsafeBufferPointer { columns in
          component.restGram.storage.withUnsafeBufferPointer { gram in
            for j in 0..<r {
              let target = rest.baseAddress! + j * r
              for i in j..<r { target[i] = gram[i + j * r] }
              for o in component.occurrenceStarts[j]..<component.occurrenceStarts[j + 1] {
                let (leaf, position) = component.occurrences[o]
                let end = component.columnStarts[leaf + 1]
                if q == 1 {
                  let factor = links[position]
                  for p in position..<end { target[columns[p]] -= factor * links[p] }
                } else {
                  for p in position..<end {
                    var sum = 0.0
                    for t in 0..<q { sum += links[t + p * q] * links[t + position * q] }
                    target[columns[p]] -= sum
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Factors Ω of a leaf level, writes L⁻¹Λ₁' to `halves` and returns log|L|.
  private mutating func factor(_ leaf: Int, of index: Int, _ lambda: [Double]) -> Double? {
    let q = q
    let offset = layout.blocks[leafBlock].lambdaOffset
    if q == 1 {
      let pivot = 1 + lambda[offset] * components[index].a[leaf] * lambda[offset]
      guard pivot > 0, pivot.isFinite else { return nil }
      halves[leaf] = lambda[offset] / pivot.squareRoot()
      return 0.5 * log(pivot)
    }
    let own = leaf * q * q
    for j in 0..<q {
      for i in 0..<q {
        var sum = 0.0
        for s in j..<q { sum += components[index].a[own + i + s * q] * lambda[offset + s + j * q] }
        halves[own + i + j * q] = sum
      }
    }
    for j in 0..<q {
      for i in j..<q {
        var sum = i == j ? 1.0 : 0
        for s in i..<q { sum += lambda[offset + s + i * q] * halves[own + s + j * q] }
        omega[i + j * q] = sum
      }
    }
    let failed = omega.withUnsafeMutableBufferPointer {
      CholeskyFactor.factorInPlace($0, order: q)
    }
    guard failed == 0 else { return nil }
    var logPivot = 0.0
    for i in 0..<q { logPivot += log(omega[i + i * q]) }
    for j in 0..<q {
      for i in 0..<q {
        var sum = i > j ? 0 : lambda[offset + j + i * q]
        for s in 0..<i { sum -= omega[i + s * q] * halves[own + s + j * q] }
        halves[own + i + j * q] = sum / omega[i + i * q]
      }
    }
    return logPivot
  }
}
