import LinearAlgebra

/// The traces tr V⁻¹V_a and tr V⁻¹V_aV⁻¹V_b = Σ tr(E_a S E_b S) over pairs of levels, S = Z'V⁻¹Z.
///
/// Between leaf levels S = diag(S¹ᵢᵢ) − U B U' is never formed: with H_i = UᵢBUᵢ' and P_a = U'E_aU the sum is
/// Σᵢ [tr(E_aSᵢE_bSᵢ) − tr(E_aSᵢE_bHᵢ) − tr(E_aHᵢE_bSᵢ)] + tr(P_aBP_bB), whose cost grows with the rest's order cubed and
/// not with the square of the number of leaf levels. Between leaf levels and rest it is the trace of X P_a X' over the
/// places of b.
extension NestedCrossedProducts {
  /// Adds tr V⁻¹V_a.
  func addTraces(_ component: Component, to sums: inout DerivativeSums) {
    let parameters = layout.parameters
    for a in parameters.indices where parameters[a].block == leafBlock {
      for leaf in 0..<component.leafCount {
        for (r, c) in parameters[a].places {
          let place = leaf * q * q + r + c * q
          sums.trace[a] += reduced.leafInformation[place] - reduced.around[place]
        }
      }
    }
    guard component.size > 0 else { return }
    // X' is needed where G⁻¹ is not used.
    let shrinkage = reduced.inverseCovariances == nil ? shrinkageTransposed(component) : nil
    for node in component.nodes {
      let s = ownInformation(node, component, shrinkage)
      for a in parameters.indices where parameters[a].block == node.block {
        for (r, c) in parameters[a].places { sums.trace[a] += s[r, c] }
      }
    }
  }

  /// A node's own block of Z_R'V⁻¹Z_R.
  private func ownInformation(_ node: Node, _ component: Component, _ shrinkage: [Double]?) -> Matrix {
    let r = component.size
    let q = layout.blocks[node.block].width
    var result = Matrix(rows: q, columns: q)
    guard let shrinkage else {
      for j in 0..<q {
        for i in j..<q { result[i, j] = rest[node.start + i + (node.start + j) * r] }
      }
      result.mirrorLowerTriangle()
      let own = RestBlocks(component, layout, reduced.inverseCovariances!).matrix(of: node)
      return own - result.sandwiched(by: own)
    }
    // S = S¹X'.
    for j in 0..<q {
      for i in 0..<q {
        let row = node.start + i
        var sum = 0.0
        for k in 0..<r {
          sum +=
            (k >= row ? information[k + row * r] : information[row + k * r])
            * shrinkage[k + (node.start + j) * r]
        }
        result[i, j] = sum
      }
    }
    return result.symmetrised()
  }

  /// X' = I − B S¹, where a variance is near zero.
  private func shrinkageTransposed(_ component: Component) -> [Double] {
    let r = component.size
    var result = DenseKernels.symmetricProduct(rest, order: r, mirrored(information, r), columns: r)
    for i in 0..<(r * r) { result[i] = -result[i] }
    for i in 0..<r { result[i + i * r] += 1 }
    return result
  }

  /// A symmetric matrix from its lower triangle.
  private func mirrored(_ x: [Double], _ r: Int) -> [Double] {
    var result = Array(x[0..<(r * r)])
    result.withUnsafeMutableBufferPointer { x in
      // By tiles, so that the rows of one and the columns of the other stay in the cache.
      for first in stride(from: 0, to: r, by: 32) {
        for second in stride(from: first, to: r, by: 32) {
          for j in first..<min(first + 32, r) {
            for i in max(second, j + 1)..<max(min(second + 32, r), second, j + 1) {
              x[j + i * r] = x[i + j * r]
            }
          }
        }
      }
    }
    return result
  }

  /// Adds tr V⁻¹V_aV⁻¹V_b.
  func addTracesOfProducts(_ component: Component, to sums: inout DerivativeSums) {
    let parameters = layout.parameters
    let leafParameters = parameters.indices.filter { parameters[$0].block == leafBlock }
    let restParameters = parameters.indices.filter { parameters[$0].block != leafBlock }
    for a in leafParameters {
      for b in leafParameters { sums.traceOfProducts[a, b] += traceWithinLeaves(a, b, component) }
    }
    let r = component.size
    guard r > 0 else { return }
    let shrinkage = reduced.inverseCovariances == nil ? shrinkageTransposed(component) : nil
    addRest(component, restInformation(component, shrinkage), restParameters, to: &sums)
    let covariance = mirrored(rest, r)
    var products: [[Double]] = []
    for (x, a) in leafParameters.enumerated() {
      let projected = projection(a, component)
      products.append(DenseKernels.symmetricProduct(projected, order: r, covariance, columns: r))
      for y in 0...x {
        let trace = Self.traceOfProduct(products[x], products[y], r)
        sums.traceOfProducts[a, leafParameters[y]] += trace
        if y < x { sums.traceOfProducts[leafParameters[y], a] += trace }
      }
      let (left, right) =
        shrinkage.map { ($0, DenseKernels.symmetricProduct(projected, order: r, $0, columns: r)) }
        ?? (covariance, products[x])
      addLinks(component, left, right, a, restParameters, to: &sums)
    }
  }

  /// Σᵢ [tr(E_aSᵢE_bSᵢ) − tr(E_aSᵢE_bHᵢ) − tr(E_aHᵢE_bSᵢ)].
  private func traceWithinLeaves(_ a: Int, _ b: Int, _ component: Component) -> Double {
    var value = 0.0
    for leaf in 0..<component.leafCount {
      let own = leaf * q * q
      for (r, c) in layout.parameters[a].places {
        for (u, v) in layout.parameters[b].places {
          let cu = own + c + u * q
          let vr = own + v + r * q
          value += reduced.leafInformation[cu] * (reduced.leafInformation[vr] - reduced.around[vr])
          value -= reduced.around[cu] * reduced.leafInformation[vr]
        }
      }
    }
    return value
  }

  /// The lower triangle of P_a = U'E_aU.
  private func projection(_ a: Int, _ component: Component) -> [Double] {
    let r = component.size
    let q = q
    let places = layout.parameters[a].places
    var result = [Double](repeating: 0, count: r * r)
    result.withUnsafeMutableBufferPointer { result in
      reduced.links.withUnsafeBufferPointer { u in
        for j in 0..<r {
          for o in component.occurrenceStarts[j]..<component.occurrenceStarts[j + 1] {
            let (leaf, position) = component.occurrences[o]
            for p in position..<component.columnStarts[leaf + 1] {
              var sum = 0.0
              for (s, t) in places { sum += u[s + p * q] * u[t + position * q] }
              result[component.columns[p] + j * r] += sum
            }
          }
        }
      }
    }
    return result
  }

  /// tr X Y.
  private static func traceOfProduct(_ x: [Double], _ y: [Double], _ r: Int) -> Double {
    var sum = 0.0
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        for first in stride(from: 0, to: r, by: 32) {
          for second in stride(from: 0, to: r, by: 32) {
            for j in first..<min(first + 32, r) {
              for i in second..<min(second + 32, r) { sum += x[i + j * r] * y[j + i * r] }
            }
          }
        }
      }
    }
    return sum
  }

  /// The lower triangle of Z_R'V⁻¹Z_R: G⁻¹ − G⁻¹BG⁻¹, or S¹X'.
  private func restInformation(_ component: Component, _ shrinkage: [Double]?) -> [Double] {
    let r = component.size
    if let shrinkage { return DenseKernels.symmetricProduct(information, order: r, shrinkage, columns: r) }
    var result = rest
    let blocks = RestBlocks(component, layout, reduced.inverseCovariances!)
    blocks.makeCongruent(&result)
    for i in 0..<(r * r) { result[i] = -result[i] }
    for node in component.nodes {
      let own = blocks.matrix(of: node)
      for j in 0..<own.columns {
        for i in j..<own.rows { result[node.start + i + (node.start + j) * r] += own[i, j] }
      }
    }
    return result
  }

  /// Pairs of nodes.
  private func addRest(
    _ component: Component, _ s: [Double], _ parameters: [Int], to sums: inout DerivativeSums
  ) {
    let r = component.size
    let all = layout.parameters
    s.withUnsafeBufferPointer { s in
      func element(_ i: Int, _ j: Int) -> Double { i >= j ? s[i + j * r] : s[j + i * r] }
      for a in parameters {
        let own = component.nodes.filter { $0.block == all[a].block }
        for b in parameters {
          let others = component.nodes.filter { $0.block == all[b].block }
          var value = 0.0
          for (x, y) in all[a].places {
            for (u, v) in all[b].places {
              for m in others {
                for n in own {
                  value += element(n.start + y, m.start + u) * element(n.start + x, m.start + v)
                }
              }
            }
          }
          sums.traceOfProducts[a, b] += value
        }
      }
    }
  }

  /// Leaf levels with nodes: the blocks of X P_a X' from X' and P_aX', or of G⁻¹B P_a B G⁻¹ from B and P_aB.
  private func addLinks(
    _ component: Component, _ left: [Double], _ right: [Double], _ a: Int, _ restParameters: [Int],
    to sums: inout DerivativeSums
  ) {
    let r = component.size
    let inverse = reduced.inverseCovariances.map { RestBlocks(component, layout, $0) }
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        for node in component.nodes {
          let q = layout.blocks[node.block].width
          var block = Matrix(rows: q, columns: q)
          for j in 0..<q {
            for i in 0..<q {
              let x = (node.start + i) * r
              let y = (node.start + j) * r
              var sum = 0.0
              for k in 0..<r { sum += left[x + k] * right[y + k] }
              block[i, j] = sum
            }
          }
          if let inverse { block = block.sandwiched(by: inverse.matrix(of: node)) }
          for b in restParameters where layout.parameters[b].block == node.block {
            for (u, v) in layout.parameters[b].places {
              sums.traceOfProducts[a, b] += block[u, v]
              sums.traceOfProducts[b, a] += block[u, v]
            }
          }
        }
      }
    }
  }
}
