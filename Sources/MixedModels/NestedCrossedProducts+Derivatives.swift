import LinearAlgebra

extension NestedCrossedProducts {
  mutating func derivativeSums(
    _ lambda: [Double], includingTraces: Bool
  ) throws(LinearAlgebraError) -> DerivativeSums {
    var sums = DerivativeSums(parameters: layout.parameters.count, width: width)
    reducedAt = nil
    fillGram(&sums.k.storage)
    for index in components.indices {
      sums.logDeterminant += try prepare(component: index, lambda, &sums.k.storage)
      let component = components[index]
      for a in layout.parameters.indices {
        sums.first[a] = sums.first[a] + selectedProduct(a, reduced.products, component)
      }
      addSecond(component, to: &sums)
      addTraces(component, to: &sums)
      if includingTraces { addTracesOfProducts(component, to: &sums) }
    }
    if components.count == 1 { reducedAt = lambda }
    sums.mirrorLowerTriangles()
    return sums
  }

  /// (E_aT)'y: rows of T picked and swapped; leaf levels or nodes of other groupings contribute nothing.
  private func selectedProduct(_ a: Int, _ y: RandomPart, _ component: Component) -> Matrix {
    let parameter = layout.parameters[a]
    let w = width
    var sum = Matrix(rows: w, columns: w)
    func add(_ t: [Double], _ y: [Double], at start: Int, stride: Int) {
      for (u, v) in parameter.places {
        for j in 0..<w {
          for i in 0..<w {
            sum.storage[i + j * w] += t[start + v + i * stride] * y[start + u + j * stride]
          }
        }
      }
    }
    if parameter.block == leafBlock {
      for leaf in 0..<component.leafCount {
        add(reduced.products.leaves, y.leaves, at: leaf * q * w, stride: q)
      }
    } else {
      for node in component.nodes where node.block == parameter.block {
        add(reduced.products.rest, y.rest, at: node.start, stride: component.size)
      }
    }
    return sum
  }

  /// E_aT; nil for the part that is zero.
  private func selected(_ a: Int, _ component: Component) -> (leaves: [Double]?, rest: [Double]?) {
    let parameter = layout.parameters[a]
    let w = width
    if parameter.block == leafBlock {
      var result = [Double](repeating: 0, count: reduced.products.leaves.count)
      for column in 0..<(component.leafCount * w) {
        for (u, v) in parameter.places { result[column * q + u] = reduced.products.leaves[column * q + v] }
      }
      return (result, nil)
    }
    let r = component.size
    var result = [Double](repeating: 0, count: r * w)
    for node in component.nodes where node.block == parameter.block {
      for (u, v) in parameter.places {
        for j in 0..<w { result[node.start + u + j * r] = reduced.products.rest[node.start + v + j * r] }
      }
    }
    return (nil, result)
  }

  /// Adds the symmetric parts of (E_aT)'S(E_bT), S = Z'V⁻¹Z.
  private func addSecond(_ component: Component, to sums: inout DerivativeSums) {
    for b in layout.parameters.indices {
      let right = informationTimes(selected(b, component), component)
      for a in b..<layout.parameters.count {
        let place = DerivativeSums.pair(a, b)
        sums.second[place] = sums.second[place] + selectedProduct(a, right, component).symmetrised()
      }
    }
  }

  /// S y for y given on the leaf levels or on the rest.
  private func informationTimes(
    _ y: (leaves: [Double]?, rest: [Double]?), _ component: Component
  ) -> RandomPart {
    var leaves = [Double](repeating: 0, count: reduced.products.leaves.count)
    if let rest = y.rest {
      // Z₁'V⁻¹Z_R y = U X'y.
      subtractLinked(
        shrunkTransposed(rest, component).map { -$0 }, component, from: &leaves)
      return RandomPart(leaves: leaves, rest: timesRestInformation(rest, component))
    }
    let given = y.leaves!
    for leaf in 0..<component.leafCount {
      for j in 0..<width {
        let column = (leaf * width + j) * q
        for s in 0..<q {
          for t in 0..<q {
            leaves[column + t] += reduced.leafInformation[leaf * q * q + t + s * q] * given[column + s]
          }
        }
      }
    }
    let linked = linked(given, component)
    let spread = timesCovariance(linked, component)
    subtractLinked(spread, component, from: &leaves)
    return RandomPart(leaves: leaves, rest: shrunk(linked, timesCovariance: spread, component))
  }

  mutating func conditionalModes(
    _ lambda: [Double], direction: [Double]
  ) throws(LinearAlgebraError) -> [ConditionalModes] {
    var result = layout.blocks.map {
      ConditionalModes(
        modes: Matrix(rows: $0.width, columns: $0.levels.count),
        covariances: Matrix(rows: $0.width * $0.width, columns: $0.levels.count))
    }
    var k = [Double](repeating: 0, count: width * width)
    for index in components.indices {
      if reducedAt != lambda { _ = try prepare(component: index, lambda, &k) }
      let component = components[index]
      let r = component.size
      for node in component.nodes {
        let q = layout.blocks[node.block].width
        var covariance = Matrix(rows: q, columns: q)
        for j in 0..<q {
          for i in j..<q { covariance[i, j] = rest[node.start + i + (node.start + j) * r] }
        }
        covariance.mirrorLowerTriangle()
        result[node.block].covariances.setColumn(node.level, covariance.storage)
        result[node.block].modes.setColumn(
          node.level, mode(node.block, reduced.products.rest, at: node.start, stride: r, direction))
      }
      for (leaf, level) in component.levels.enumerated() {
        result[leafBlock].modes.setColumn(
          level, mode(leafBlock, reduced.products.leaves, at: leaf * q * width, stride: q, direction))
        result[leafBlock].covariances.setColumn(level, leafCovariance(leaf))
      }
    }
    return result
  }

  /// G T d of one level.
  private func mode(
    _ block: Int, _ t: [Double], at start: Int, stride: Int, _ direction: [Double]
  ) -> [Double] {
    let q = layout.blocks[block].width
    let offset = layout.blocks[block].lambdaOffset
    var result = [Double](repeating: 0, count: q)
    for j in 0..<width {
      for s in 0..<q {
        let value = t[start + s + j * stride] * direction[j]
        for i in 0..<q { result[i] += reduced.covariances[offset + i + s * q] * value }
      }
    }
    return result
  }

  /// ΛᵢΩᵢ⁻¹Λᵢ' of a leaf level and what the rest's uncertainty adds: CᵢᵢU-products with C B_link = G F B = G U.
  private func leafCovariance(_ leaf: Int) -> [Double] {
    let offset = layout.blocks[leafBlock].lambdaOffset
    let g = Matrix(rows: q, columns: q, storage: Array(reduced.covariances[offset..<(offset + q * q)]))
    let around = Matrix(
      rows: q, columns: q, storage: Array(reduced.around[(leaf * q * q)..<((leaf + 1) * q * q)]))
    let half = Matrix(rows: q, columns: q, storage: Array(halves[(leaf * q * q)..<((leaf + 1) * q * q)]))
    return (Matrix.product(half, half, transposeFirst: true) + around.sandwiched(by: g)).storage
  }
}
