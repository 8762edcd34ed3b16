import LinearAlgebra

/// The traces tr V⁻¹V_a and tr V⁻¹V_aV⁻¹V_b = Σ tr(E_a S E_b S) over pairs of levels, S = Z'V⁻¹Z.
///
/// Between leaf levels S = diag(S¹ᵢᵢ) − U B U' is never formed: with H_i = UᵢBUᵢ' and P_a = U'E_aU the sum is
/// Σᵢ [tr(E_aSᵢE_bSᵢ) − tr(E_aSᵢE_bHᵢ) − tr(E_aHᵢE_bSᵢ)] + tr(P_aBP_bB), whose cost grows with the rest's order cubed and
/// not with the square of the number of leaf levels.
extension NestedCrossedProducts {
  func addTraces(_ component: Component, _ reduced: Reduced, to sums: inout DerivativeSums) {
    let parameters = layout.parameters
    let leafParameters = parameters.indices.filter { parameters[$0].block == leafBlock }
    let restParameters = parameters.indices.filter { parameters[$0].block != leafBlock }
    addRest(component, reduced, restParameters, to: &sums)
    // P_aB, one a leaf parameter.
    var projected: [Matrix] = leafParameters.map { _ in
      Matrix(rows: component.size, columns: component.size)
    }
    for (i, leaf) in component.leaves.enumerated() {
      let information = reduced.information[i]
      let link = reduced.links[i]
      let around =
        component.size > 0
        ? reduced.restCovariance.selecting(rows: leaf.columns).selecting(columns: leaf.columns)
          .sandwiched(by: link) : Matrix(rows: information.rows, columns: information.rows)
      for (position, a) in leafParameters.enumerated() {
        for (r, c) in parameters[a].places {
          sums.trace[a] += information[r, c] - around[r, c]
          addOuter(link.row(r), link.row(c), at: leaf.columns, to: &projected[position])
        }
        for b in leafParameters {
          var value = 0.0
          for (r, c) in parameters[a].places {
            for (u, v) in parameters[b].places {
              value += information[c, u] * (information[v, r] - around[v, r])
              value -= around[c, u] * information[v, r]
            }
          }
          sums.traceOfProducts[a, b] += value
        }
      }
      addLinks(component, leaf, link, reduced, leafParameters, restParameters, to: &sums)
    }
    guard component.size > 0 else { return }
    let products = projected.map { $0 * reduced.restCovariance }
    for (x, a) in leafParameters.enumerated() {
      for (y, b) in leafParameters.enumerated() {
        sums.traceOfProducts[a, b] += LinearMixedSolution.traceOfProduct(products[x], products[y])
      }
    }
  }

  private func addOuter(_ x: [Double], _ y: [Double], at places: [Int], to sum: inout Matrix) {
    let r = sum.rows
    sum.storage.withUnsafeMutableBufferPointer { sum in
      for (j, column) in places.enumerated() where y[j] != 0 {
        for (i, row) in places.enumerated() { sum[row + column * r] += x[i] * y[j] }
      }
    }
  }

  /// Pairs of nodes.
  private func addRest(
    _ component: Component, _ reduced: Reduced, _ parameters: [Int], to sums: inout DerivativeSums
  ) {
    let s = reduced.restInformation
    let all = layout.parameters
    for a in parameters {
      for node in component.nodes where node.block == all[a].block {
        for (r, c) in all[a].places { sums.trace[a] += s[node.start + r, node.start + c] }
      }
      for b in parameters {
        var value = 0.0
        for m in component.nodes where m.block == all[b].block {
          for n in component.nodes where n.block == all[a].block {
            for (r, c) in all[a].places {
              for (u, v) in all[b].places {
                value += s[n.start + c, m.start + u] * s[n.start + r, m.start + v]
              }
            }
          }
        }
        sums.traceOfProducts[a, b] += value
      }
    }
  }

  /// A leaf level with all nodes: S₁_R = U (I + G_R S¹_RR)⁻¹.
  private func addLinks(
    _ component: Component, _ leaf: Leaf, _ link: Matrix, _ reduced: Reduced,
    _ leafParameters: [Int], _ restParameters: [Int], to sums: inout DerivativeSums
  ) {
    guard component.size > 0 else { return }
    let q = link.rows
    let r = component.size
    // Row by row: s(i, ·) = Σⱼ U(i, j) X(columnⱼ, ·) with X the transpose of `shrinkage`.
    var s = Matrix(rows: r, columns: q)
    s.storage.withUnsafeMutableBufferPointer { s in
      reduced.shrinkage.storage.withUnsafeBufferPointer { shrinkage in
        for i in 0..<q {
          for (j, column) in leaf.columns.enumerated() {
            let factor = link[i, j]
            for k in 0..<r { s[k + i * r] += factor * shrinkage[k + column * r] }
          }
        }
      }
    }
    let all = layout.parameters
    for a in leafParameters {
      for b in restParameters {
        var value = 0.0
        for node in component.nodes where node.block == all[b].block {
          for (row, column) in all[a].places {
            for (u, v) in all[b].places {
              value += s[node.start + u, column] * s[node.start + v, row]
            }
          }
        }
        sums.traceOfProducts[a, b] += value
        sums.traceOfProducts[b, a] += value
      }
    }
  }
}
