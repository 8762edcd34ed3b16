import LinearAlgebra

extension NestedCrossedProducts {
  /// A component for given relative covariances, with the leaf levels eliminated; the arrays are reused.
  ///
  /// V₁ = I + Z₁G₁Z₁' is block-diagonal over leaf levels and V = V₁ + Z_R G_R Z_R', so that with S¹ = Z'V₁⁻¹Z
  /// Z'V⁻¹Z and Z'V⁻¹M follow by Woodbury's formula from the rest's matrices alone: with B = (G_R⁻¹ + S¹)⁻¹, the
  /// conditional covariance of the rest, and X = (I + S¹G_R)⁻¹ = I − S¹B = G_R⁻¹B,
  /// Z_R'V⁻¹Z_R = X S¹ = G_R⁻¹ − G_R⁻¹BG_R⁻¹ and Z_R'V⁻¹M = X Z_R'V₁⁻¹M. B is in `rest`, its lower triangle.
  struct Reduced {
    /// Per leaf level: S¹ᵢᵢ = Zᵢ'V₁⁻¹Zᵢ, Zᵢ'V₁⁻¹Z_R over the level's columns, and UᵢBUᵢ'.
    var leafInformation: [Double] = []
    var links: [Double] = []
    var around: [Double] = []
    /// T = Z'V⁻¹M.
    var products = RandomPart(leaves: [], rest: [])
    /// G_R⁻¹ of every grouping (the layout of the factors); nil where a variance is so near zero that S¹ is used.
    var inverseCovariances: [Double]?
    /// G of every grouping.
    var covariances: [Double] = []
  }

  /// Values for the random effects of a component, some columns of them: leaf levels one after the other, and the rest.
  struct RandomPart {
    /// q₁ × width per leaf level.
    var leaves: [Double]
    /// r × width.
    var rest: [Double]
  }

  /// G = ΛΛ' of all groupings, and G⁻¹ where no standard deviation is below a hundredth of the residual one.
  private func covariances(_ lambda: [Double]) throws(LinearAlgebraError) -> (g: [Double], inverse: [Double]?)
  {
    var g = lambda
    var inverse: [Double]? = lambda
    for (index, block) in layout.blocks.enumerated() {
      let factor = layout.lambdaMatrix(block: index, lambda)
      let range = block.lambdaOffset..<(block.lambdaOffset + block.width * block.width)
      g.replaceSubrange(range, with: Matrix.product(factor, factor, transposeSecond: true).storage)
      guard index != leafBlock else { continue }
      if factor.diagonal.contains(where: { abs($0) < 0.01 }) {
        inverse = nil
      } else if inverse != nil {
        let small = try LUFactor(of: factor).inverse()
        inverse!.replaceSubrange(range, with: Matrix.product(small, small, transposeFirst: true).storage)
      }
    }
    return (g, inverse)
  }

  /// Reduces a component and makes B and what hangs on it; returns its part of log|V|, K less what it explains.
  mutating func prepare(
    component index: Int, _ lambda: [Double], _ k: inout [Double]
  ) throws(LinearAlgebraError) -> Double {
    let (g, inverse) = try covariances(lambda)
    guard let logDeterminant = reduce(component: index, lambda, &k, keepsInformation: inverse == nil)
    else { throw .notPositiveDefinite(order: 1) }
    let component = components[index]
    let r = component.size
    reduced.inverseCovariances = inverse
    reduced.covariances = g
    if r > 0 {
      if spare.count < rest.count { spare = [Double](repeating: 0, count: rest.count) }
      rest.withUnsafeMutableBufferPointer { rest in
        spare.withUnsafeMutableBufferPointer { TiledCholesky.invert(rest, scratch: $0, order: r) }
      }
      RestBlocks(component, layout, transposed(lambda)).makeCongruent(&rest)
    }
    try fillLeaves(component, g)
    fillAround(component)
    let given = Array(right[0..<(r * width)])
    let correction = timesCovariance(given, component)
    reduced.products.rest = shrunk(given, timesCovariance: correction, component)
    subtractLinked(correction, component, from: &reduced.products.leaves)
    return logDeterminant
  }

  private func transposed(_ lambda: [Double]) -> [Double] {
    var result = lambda
    for (index, block) in layout.blocks.enumerated() {
      let range = block.lambdaOffset..<(block.lambdaOffset + block.width * block.width)
      result.replaceSubrange(range, with: layout.lambdaMatrix(block: index, lambda).transposed().storage)
    }
    return result
  }

  /// Per leaf level F = (I + A G)⁻¹, which carries Z'x to Z'V₁⁻¹x, times A, B and C.
  private mutating func fillLeaves(_ component: Component, _ g: [Double]) throws(LinearAlgebraError) {
    let q = q
    let w = width
    reduced.leafInformation = component.a
    reduced.links = component.b
    reduced.products.leaves = component.c
    let offset = layout.blocks[leafBlock].lambdaOffset
    if q == 1 {
      for leaf in 0..<component.leafCount {
        let f = 1 / (1 + component.a[leaf] * g[offset])
        reduced.leafInformation[leaf] *= f
        for p in component.columnStarts[leaf]..<component.columnStarts[leaf + 1] { reduced.links[p] *= f }
        for j in (leaf * w)..<(leaf * w + w) { reduced.products.leaves[j] *= f }
      }
      return
    }
    let covariance = Matrix(rows: q, columns: q, storage: Array(g[offset..<(offset + q * q)]))
    let identity = Matrix.identity(q)
    for leaf in 0..<component.leafCount {
      let own = leaf * q * q
      let a = Matrix(rows: q, columns: q, storage: Array(component.a[own..<(own + q * q)]))
      let f = try LUFactor(of: identity + a * covariance).inverse()
      let information = (f * a).symmetrised()
      for i in 0..<(q * q) { reduced.leafInformation[own + i] = information.storage[i] }
      let columns = component.columnStarts[leaf]..<component.columnStarts[leaf + 1]
      f.storage.withUnsafeBufferPointer { f in
        component.b.withUnsafeBufferPointer { b in
          reduced.links.withUnsafeMutableBufferPointer {
            Self.multiply(f.baseAddress!, q, b, into: $0, columns)
          }
        }
        component.c.withUnsafeBufferPointer { c in
          reduced.products.leaves.withUnsafeMutableBufferPointer {
            Self.multiply(f.baseAddress!, q, c, into: $0, (leaf * w)..<(leaf * w + w))
          }
        }
      }
    }
  }

  /// Per leaf level U B U', summed by columns of B as in `fillInformation`.
  private mutating func fillAround(_ component: Component) {
    let q = q
    let r = component.size
    var around = [Double](repeating: 0, count: component.leafCount * q * q)
    around.withUnsafeMutableBufferPointer { around in
      rest.withUnsafeBufferPointer { b in
        reduced.links.withUnsafeBufferPointer { u in
          component.columns.withUnsafeBufferPointer { columns in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: q) { sums in
              for j in 0..<r {
                let source = b.baseAddress! + j * r
                for o in component.occurrenceStarts[j]..<component.occurrenceStarts[j + 1] {
                  let (leaf, position) = component.occurrences[o]
                  let end = component.columnStarts[leaf + 1]
                  if q == 1 {
                    var sum = 0.5 * source[j] * u[position]
                    for p in (position + 1)..<max(end, position + 1) { sum += source[columns[p]] * u[p] }
                    around[leaf] += 2 * sum * u[position]
                    continue
                  }
                  for t in 0..<q { sums[t] = 0.5 * source[j] * u[t + position * q] }
                  for p in (position + 1)..<max(end, position + 1) {
                    let value = source[columns[p]]
                    for t in 0..<q { sums[t] += value * u[t + p * q] }
                  }
                  for t in 0..<q {
                    for s in 0..<q {
                      around[leaf * q * q + t + s * q] +=
                        sums[t] * u[s + position * q] + u[t + position * q] * sums[s]
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    reduced.around = around
  }

  // MARK: Products with the rest's matrices

  /// B x.
  func timesCovariance(_ x: [Double], _ component: Component) -> [Double] {
    DenseKernels.symmetricProduct(rest, order: component.size, x, columns: width)
  }

  private func timesInverse(_ x: [Double], _ component: Component) -> [Double]? {
    guard let inverse = reduced.inverseCovariances else { return nil }
    var result = x
    RestBlocks(component, layout, inverse).multiplyTransposed(&result, columns: width)
    return result
  }

  private func timesInformation(_ x: [Double], _ component: Component) -> [Double] {
    DenseKernels.symmetricProduct(information, order: component.size, x, columns: width)
  }

  /// X x.
  func shrunk(_ x: [Double], _ component: Component) -> [Double] {
    shrunk(x, timesCovariance: timesCovariance(x, component), component)
  }

  /// X x from x and B x.
  func shrunk(_ x: [Double], timesCovariance bx: [Double], _ component: Component) -> [Double] {
    if let result = timesInverse(bx, component) { return result }
    return zip(x, timesInformation(bx, component)).map { $0 - $1 }
  }

  /// X'x.
  func shrunkTransposed(_ x: [Double], _ component: Component) -> [Double] {
    if let scaled = timesInverse(x, component) { return timesCovariance(scaled, component) }
    return zip(x, timesCovariance(timesInformation(x, component), component)).map { $0 - $1 }
  }

  /// Z_R'V⁻¹Z_R x.
  func timesRestInformation(_ x: [Double], _ component: Component) -> [Double] {
    if let scaled = timesInverse(x, component) {
      let b = timesInverse(timesCovariance(scaled, component), component)!
      return zip(scaled, b).map { $0 - $1 }
    }
    return shrunk(timesInformation(x, component), component)
  }

  /// Subtracts from each leaf level U times the rest's values at its columns.
  func subtractLinked(_ x: [Double], _ component: Component, from y: inout [Double]) {
    let q = q
    let r = component.size
    for leaf in 0..<component.leafCount {
      for p in component.columnStarts[leaf]..<component.columnStarts[leaf + 1] {
        let row = component.columns[p]
        for j in 0..<width {
          let value = x[row + j * r]
          for t in 0..<q { y[(leaf * width + j) * q + t] -= reduced.links[t + p * q] * value }
        }
      }
    }
  }

  /// Σ U'y over the leaf levels.
  func linked(_ y: [Double], _ component: Component) -> [Double] {
    let q = q
    let r = component.size
    var result = [Double](repeating: 0, count: r * width)
    for leaf in 0..<component.leafCount {
      for p in component.columnStarts[leaf]..<component.columnStarts[leaf + 1] {
        let row = component.columns[p]
        for j in 0..<width {
          var sum = 0.0
          for t in 0..<q { sum += reduced.links[t + p * q] * y[(leaf * width + j) * q + t] }
          result[row + j * r] += sum
        }
      }
    }
    return result
  }
}
