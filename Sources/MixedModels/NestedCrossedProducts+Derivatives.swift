import LinearAlgebra

extension NestedCrossedProducts {
  /// A component for given relative covariances, with the leaf levels eliminated.
  ///
  /// V₁ = I + Z₁G₁Z₁' is block-diagonal over leaf levels and V = V₁ + Z_R G_R Z_R', so that with S¹ = Z'V₁⁻¹Z
  /// Z'V⁻¹Z and Z'V⁻¹M follow by Woodbury's formula from the rest's matrices alone.
  struct Reduced {
    /// Per leaf level: S¹ᵢᵢ = Zᵢ'V₁⁻¹Zᵢ.
    var information: [Matrix] = []
    /// Per leaf level: U = Zᵢ'V₁⁻¹Z_R over the level's columns.
    var links: [Matrix] = []
    /// Per leaf level: ΛᵢΩᵢ⁻¹Λᵢ' and its product with B.
    var conditional: [Matrix] = []
    var conditionalLinks: [Matrix] = []
    /// S_RR = Z_R'V⁻¹Z_R.
    var restInformation = Matrix(rows: 0, columns: 0)
    /// G_R(I + S¹_RR G_R)⁻¹ = Λ_R D⁻¹ Λ_R', the conditional covariance of the rest.
    var restCovariance = Matrix(rows: 0, columns: 0)
    /// (I + S¹_RR G_R)⁻¹.
    var shrinkage = Matrix(rows: 0, columns: 0)
    /// T = Z'V⁻¹M: per leaf level, and for the rest.
    var leafProducts: [Matrix] = []
    var restProducts = Matrix(rows: 0, columns: 0)
  }

  /// The relative covariance ΛΛ' of a block.
  private func covariance(_ block: Int, _ lambda: [Double]) -> Matrix {
    let factor = layout.lambdaMatrix(block: block, lambda)
    return Matrix.product(factor, factor, transposeSecond: true)
  }

  func reduced(_ component: Component, _ lambda: [Double]) throws(LinearAlgebraError) -> Reduced {
    var result = Reduced()
    let r = component.size
    let g = covariance(leafBlock, lambda)
    let identity = Matrix.identity(g.rows)
    var rest = component.a
    var right = component.c
    var leafRight: [Matrix] = []
    for leaf in component.leaves {
      // F = (I + A G)⁻¹ carries Z'x to Z'V₁⁻¹x.
      let f = try LUFactor(of: identity + leaf.a * g).inverse()
      let conditional = (g * f).symmetrised()
      let conditionalLink = conditional * leaf.b
      result.information.append((f * leaf.a).symmetrised())
      result.links.append(f * leaf.b)
      result.conditional.append(conditional)
      result.conditionalLinks.append(conditionalLink)
      leafRight.append(f * leaf.c)
      let square = Matrix.product(leaf.b, conditionalLink, transposeFirst: true)
      let cross = Matrix.product(conditionalLink, leaf.c, transposeFirst: true)
      rest.storage.withUnsafeMutableBufferPointer { rest in
        for (j, column) in leaf.columns.enumerated() {
          for (i, row) in leaf.columns.enumerated() {
            rest[row + column * r] -= square.storage[i + j * leaf.columns.count]
          }
        }
      }
      for (j, column) in leaf.columns.enumerated() {
        for k in 0..<width { right.storage[column + k * r] -= cross[j, k] }
      }
    }
    guard r > 0 else {
      result.leafProducts = leafRight
      result.restProducts = right
      return result
    }
    let scaled = timesRestCovariance(rest, component, lambda)
    result.shrinkage = try LUFactor(of: .identity(r) + scaled).inverse()
    result.restInformation = (result.shrinkage * rest).symmetrised()
    result.restCovariance = timesRestCovariance(
      result.shrinkage.transposed(), component, lambda
    ).symmetrised()
    result.restProducts = result.shrinkage * right
    // T₁ = T¹₁ − U B T¹_R.
    let correction = result.restCovariance * right
    for (i, leaf) in component.leaves.enumerated() {
      result.leafProducts.append(
        leafRight[i] - result.links[i] * correction.selecting(rows: leaf.columns))
    }
    return result
  }

  /// X G_R with G_R block-diagonal over the nodes of a component.
  private func timesRestCovariance(
    _ x: Matrix, _ component: Component, _ lambda: [Double]
  ) -> Matrix {
    var result = Matrix(rows: x.rows, columns: x.columns)
    let covariances = layout.blocks.indices.map { covariance($0, lambda) }
    for node in component.nodes {
      let g = covariances[node.block]
      for j in 0..<g.columns {
        for s in 0..<g.rows where g[s, j] != 0 {
          let factor = g[s, j]
          let source = (node.start + s) * x.rows
          let target = (node.start + j) * x.rows
          for i in 0..<x.rows { result.storage[target + i] += factor * x.storage[source + i] }
        }
      }
    }
    return result
  }

  mutating func derivativeSums(_ lambda: [Double]) throws(LinearAlgebraError) -> DerivativeSums {
    var sums = DerivativeSums(parameters: layout.parameters.count, width: width)
    var k = [Double](repeating: 0, count: width * width)
    guard reduce(lambda, into: &k) != nil else { throw .notPositiveDefinite(order: 1) }
    sums.k = Matrix(rows: width, columns: width, storage: k)
    for component in components {
      let reduced = try reduced(component, lambda)
      addFirst(component, reduced, to: &sums)
      addSecond(component, reduced, to: &sums)
      addTraces(component, reduced, to: &sums)
    }
    sums.mirrorLowerTriangles()
    return sums
  }

  /// E_a T over the leaf levels or the rest: rows picked and swapped; the other part is zero.
  private func selected(
    _ parameter: RandomEffectsLayout.Parameter, _ component: Component, _ reduced: Reduced
  ) -> (leaves: [Matrix]?, rest: Matrix?) {
    if parameter.block == leafBlock {
      let leaves = reduced.leafProducts.map { t -> Matrix in
        var result = Matrix(rows: t.rows, columns: t.columns)
        for (u, v) in parameter.places {
          for j in 0..<t.columns { result[u, j] = t[v, j] }
        }
        return result
      }
      return (leaves, nil)
    }
    let t = reduced.restProducts
    var result = Matrix(rows: t.rows, columns: t.columns)
    for node in component.nodes where node.block == parameter.block {
      for (u, v) in parameter.places {
        for j in 0..<t.columns { result[node.start + u, j] = t[node.start + v, j] }
      }
    }
    return (nil, result)
  }

  /// Adds T'E_aT.
  private func addFirst(
    _ component: Component, _ reduced: Reduced, to sums: inout DerivativeSums
  ) {
    for (a, parameter) in layout.parameters.enumerated() {
      let (leaves, rest) = selected(parameter, component, reduced)
      if let leaves {
        for (i, x) in leaves.enumerated() {
          add(Matrix.product(reduced.leafProducts[i], x, transposeFirst: true), to: &sums.first[a])
        }
      } else if let rest {
        add(Matrix.product(reduced.restProducts, rest, transposeFirst: true), to: &sums.first[a])
      }
    }
  }

  /// Adds the symmetric parts of (E_aT)'S(E_bT), S = Z'V⁻¹Z.
  private func addSecond(
    _ component: Component, _ reduced: Reduced, to sums: inout DerivativeSums
  ) {
    let chosen = layout.parameters.map { selected($0, component, reduced) }
    for (b, right) in chosen.enumerated() {
      let (leaves, rest) = informationTimes(right, component, reduced)
      for a in b..<chosen.count {
        let place = DerivativeSums.pair(a, b)
        if let x = chosen[a].rest {
          add(Matrix.product(x, rest, transposeFirst: true).symmetrised(), to: &sums.second[place])
        } else if let x = chosen[a].leaves {
          for i in x.indices {
            add(
              Matrix.product(x[i], leaves[i], transposeFirst: true).symmetrised(),
              to: &sums.second[place])
          }
        }
      }
    }
  }

  /// S y for y given on the leaf levels or on the rest.
  private func informationTimes(
    _ y: (leaves: [Matrix]?, rest: Matrix?), _ component: Component, _ reduced: Reduced
  ) -> (leaves: [Matrix], rest: Matrix) {
    let r = component.size
    if let rest = y.rest {
      // S₁_R y = U (I + G_R S¹_RR)⁻¹ y.
      let shrunk = Matrix.product(reduced.shrinkage, rest, transposeFirst: true)
      let leaves = component.leaves.indices.map {
        reduced.links[$0] * shrunk.selecting(rows: component.leaves[$0].columns)
      }
      return (leaves, reduced.restInformation * rest)
    }
    let given = y.leaves!
    var linked = Matrix(rows: r, columns: width)
    for (i, leaf) in component.leaves.enumerated() {
      let part = Matrix.product(reduced.links[i], given[i], transposeFirst: true)
      for (j, row) in leaf.columns.enumerated() {
        for k in 0..<width { linked.storage[row + k * r] += part[j, k] }
      }
    }
    guard r > 0 else {
      return (given.indices.map { reduced.information[$0] * given[$0] }, linked)
    }
    let correction = reduced.restCovariance * linked
    let leaves = given.indices.map {
      reduced.information[$0] * given[$0]
        - reduced.links[$0] * correction.selecting(rows: component.leaves[$0].columns)
    }
    return (leaves, reduced.shrinkage * linked)
  }

  private func add(_ x: Matrix, to sum: inout Matrix) {
    for i in x.storage.indices { sum.storage[i] += x.storage[i] }
  }

  func conditionalModes(
    _ lambda: [Double], direction: [Double]
  ) throws(LinearAlgebraError) -> [ConditionalModes] {
    var result = layout.blocks.map {
      ConditionalModes(
        modes: Matrix(rows: $0.width, columns: $0.levels.count),
        covariances: Matrix(rows: $0.width * $0.width, columns: $0.levels.count))
    }
    let covariances = layout.blocks.indices.map { covariance($0, lambda) }
    for component in components {
      let reduced = try reduced(component, lambda)
      let residual = reduced.restProducts * direction
      for node in component.nodes {
        let range = Array(node.start..<(node.start + layout.blocks[node.block].width))
        result[node.block].modes.setColumn(
          node.level, covariances[node.block] * range.map { residual[$0] })
        result[node.block].covariances.setColumn(
          node.level,
          reduced.restCovariance.selecting(rows: range).selecting(columns: range).storage)
      }
      for (i, leaf) in component.leaves.enumerated() {
        result[leafBlock].modes.setColumn(
          leaf.level, covariances[leafBlock] * (reduced.leafProducts[i] * direction))
        let link = reduced.conditionalLinks[i]
        var covariance = reduced.conditional[i]
        if component.size > 0 {
          let around = reduced.restCovariance.selecting(rows: leaf.columns)
            .selecting(columns: leaf.columns)
          covariance = covariance + around.sandwiched(by: link)
        }
        result[leafBlock].covariances.setColumn(leaf.level, covariance.storage)
      }
    }
    return result
  }
}
