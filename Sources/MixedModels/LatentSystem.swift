import Glibc
import LinearAlgebra

/// The matrix Ω = Λ'Z'DZΛ + I of one component at given observation weights D, factored by leaf elimination.
///
/// Scratch of a component is reused by the next; what outlives it (û, factors of the last mode) is flat and made once.
struct LatentSystem {
  let structure: LatentStructure
  /// Λ'z of every row: leaf part and rest part.
  private(set) var scaledLeaf: [Double]
  private(set) var scaledRest: [Double]
  /// Per leaf level the Cholesky factor of its block, q × q.
  private(set) var leafFactors: [Double]
  /// Per leaf level L⁻¹Ω_1R, q × columns.
  private(set) var links: [Double]
  /// The factor of the rest's Schur complement of the component at hand, and its inverse on request.
  private(set) var restFactor: [Double]
  private var scratch: [Double]

  init(_ structure: LatentStructure) {
    self.structure = structure
    let q = structure.q
    scaledLeaf = [Double](repeating: 0, count: structure.rowCount * q)
    scaledRest = [Double](repeating: 0, count: structure.rowCount * structure.restWidth)
    leafFactors = [Double](repeating: 0, count: structure.leaves.count * q * q)
    links = [Double](repeating: 0, count: structure.linkCount)
    let largest = structure.components.map(\.size).max() ?? 0
    restFactor = [Double](repeating: 0, count: largest * largest)
    scratch = [Double](repeating: 0, count: max(largest, q))
  }

  /// Sets Λ: scales the design rows.
  mutating func setLambda(_ lambda: [Double]) {
    let q = structure.q
    let offset = structure.layout.blocks[structure.leafBlock].lambdaOffset
    let n = structure.rowCount
    for i in 0..<n {
      for j in 0..<q {
        var sum = 0.0
        for s in j..<q { sum += lambda[offset + s + j * q] * structure.leafDesign[i * q + s] }
        scaledLeaf[i * q + j] = sum
      }
    }
    let width = structure.restWidth
    guard width > 0 else { return }
    for (k, place) in structure.restColumns.enumerated() {
      let block = structure.layout.blocks[place.block]
      for i in 0..<n {
        var sum = 0.0
        for s in place.column..<block.width {
          sum +=
            lambda[block.lambdaOffset + s + place.column * block.width]
            * structure.restDesign[i * width + k + s - place.column]
        }
        scaledRest[i * width + k] = sum
      }
    }
  }

  /// Ẑu of a component's rows, added to what is there.
  func addEffects(_ u: [Double], of component: LatentStructure.Component, to eta: inout [Double]) {
    let q = structure.q
    let width = structure.restWidth
    for leaf in structure.leaves[component.leaves] {
      for i in leaf.rows {
        var sum = 0.0
        for k in 0..<q { sum += scaledLeaf[i * q + k] * u[leaf.start + k] }
        for k in 0..<width {
          let place = leaf.columns[structure.restPlaces[i * width + k]]
          sum += scaledRest[i * width + k] * u[component.start + place]
        }
        eta[i] += sum
      }
    }
  }

  /// Ẑ'x over a component's rows, added into the places of its effects.
  func addTransposed(
    _ x: [Double], of component: LatentStructure.Component, to result: inout [Double]
  ) {
    let q = structure.q
    let width = structure.restWidth
    for leaf in structure.leaves[component.leaves] {
      for i in leaf.rows {
        for k in 0..<q { result[leaf.start + k] += scaledLeaf[i * q + k] * x[i] }
        for k in 0..<width {
          let place = leaf.columns[structure.restPlaces[i * width + k]]
          result[component.start + place] += scaledRest[i * width + k] * x[i]
        }
      }
    }
  }

  /// Factors Ω of a component and returns log |Ω|; nil where it is not positive definite.
  mutating func factor(_ component: LatentStructure.Component, weights d: [Double]) -> Double? {
    let q = structure.q
    let width = structure.restWidth
    let r = component.size
    for i in 0..<(r * r) { restFactor[i] = 0 }
    for i in 0..<r { restFactor[i + i * r] = 1 }
    var logDeterminant = 0.0
    for index in component.leaves {
      let leaf = structure.leaves[index]
      let base = index * q * q
      let s = leaf.columns.count
      for k in 0..<(q * q) { leafFactors[base + k] = 0 }
      for k in 0..<q { leafFactors[base + k + k * q] = 1 }
      for k in 0..<(q * s) { links[leaf.linkStart + k] = 0 }
      for i in leaf.rows {
        for k in 0..<q {
          let dz = d[i] * scaledLeaf[i * q + k]
          for l in k..<q { leafFactors[base + l + k * q] += dz * scaledLeaf[i * q + l] }
          for j in 0..<width {
            links[leaf.linkStart + k + structure.restPlaces[i * width + j] * q] +=
              dz * scaledRest[i * width + j]
          }
        }
        for j in 0..<width {
          let dz = d[i] * scaledRest[i * width + j]
          let column = leaf.columns[structure.restPlaces[i * width + j]]
          for k in 0..<width {
            let row = leaf.columns[structure.restPlaces[i * width + k]]
            if row >= column { restFactor[row + column * r] += dz * scaledRest[i * width + k] }
          }
        }
      }
      guard factorLeaf(base) else { return nil }
      for k in 0..<q { logDeterminant += 2 * log(leafFactors[base + k + k * q]) }
      eliminate(leaf, base, order: r)
    }
    guard r > 0 else { return logDeterminant }
    let failed = restFactor.withUnsafeMutableBufferPointer { DenseKernels.cholesky($0, order: r) }
    guard failed == 0 else { return nil }
    for i in 0..<r { logDeterminant += 2 * log(restFactor[i + i * r]) }
    return logDeterminant
  }

  private mutating func factorLeaf(_ base: Int) -> Bool {
    let q = structure.q
    if q == 1 {
      guard leafFactors[base] > 0, leafFactors[base].isFinite else { return false }
      leafFactors[base] = leafFactors[base].squareRoot()
      return true
    }
    return leafFactors.withUnsafeMutableBufferPointer {
      CholeskyFactor.factorInPlace(
        UnsafeMutableBufferPointer(rebasing: $0[base..<(base + q * q)]), order: q) == 0
    }
  }

  /// V = L⁻¹Ω_1R, and the rest less V'V.
  private mutating func eliminate(_ leaf: LatentStructure.Leaf, _ base: Int, order r: Int) {
    let q = structure.q
    let s = leaf.columns.count
    for j in 0..<s {
      let start = leaf.linkStart + j * q
      for k in 0..<q {
        var sum = links[start + k]
        for t in 0..<k { sum -= leafFactors[base + k + t * q] * links[start + t] }
        links[start + k] = sum / leafFactors[base + k + k * q]
      }
    }
    for j in 0..<s {
      for i in j..<s {
        var sum = 0.0
        for k in 0..<q { sum += links[leaf.linkStart + k + i * q] * links[leaf.linkStart + k + j * q] }
        restFactor[leaf.columns[i] + leaf.columns[j] * r] -= sum
      }
    }
  }

  /// Overwrites the component's places of x with Ω⁻¹x.
  func solve(_ component: LatentStructure.Component, _ x: inout [Double]) {
    let q = structure.q
    let r = component.size
    for index in component.leaves {
      let leaf = structure.leaves[index]
      let base = index * q * q
      for k in 0..<q {
        var sum = x[leaf.start + k]
        for t in 0..<k { sum -= leafFactors[base + k + t * q] * x[leaf.start + t] }
        x[leaf.start + k] = sum / leafFactors[base + k + k * q]
      }
      for (j, place) in leaf.columns.enumerated() {
        var sum = 0.0
        for k in 0..<q { sum += links[leaf.linkStart + k + j * q] * x[leaf.start + k] }
        x[component.start + place] -= sum
      }
    }
    let start = component.start
    for k in 0..<r {
      var sum = x[start + k]
      for t in 0..<k { sum -= restFactor[k + t * r] * x[start + t] }
      x[start + k] = sum / restFactor[k + k * r]
    }
    for k in stride(from: r - 1, through: 0, by: -1) {
      var sum = x[start + k]
      for t in (k + 1)..<max(r, k + 1) { sum -= restFactor[t + k * r] * x[start + t] }
      x[start + k] = sum / restFactor[k + k * r]
    }
    for index in component.leaves {
      let leaf = structure.leaves[index]
      let base = index * q * q
      for (j, place) in leaf.columns.enumerated() {
        let value = x[start + place]
        for k in 0..<q { x[leaf.start + k] -= links[leaf.linkStart + k + j * q] * value }
      }
      for k in stride(from: q - 1, through: 0, by: -1) {
        var sum = x[leaf.start + k]
        for t in (k + 1)..<max(q, k + 1) { sum -= leafFactors[base + t + k * q] * x[leaf.start + t] }
        x[leaf.start + k] = sum / leafFactors[base + k + k * q]
      }
    }
  }

  /// The inverse of the rest's Schur complement of the component that was factored last: (Ω⁻¹)_RR.
  func restInverse(_ component: LatentStructure.Component) -> Matrix {
    let r = component.size
    guard r > 0 else { return Matrix(rows: 0, columns: 0) }
    var lower = Matrix(rows: r, columns: r, storage: Array(restFactor[0..<(r * r)]))
    for j in 0..<r {
      for i in 0..<j { lower[i, j] = 0 }
    }
    var inverse = Matrix.identity(r)
    lower.storage.withUnsafeMutableBufferPointer { l in
      inverse.storage.withUnsafeMutableBufferPointer {
        DenseKernels.solveLower(l, order: r, $0, columns: r)
      }
    }
    return inverse.gram()
  }

  /// Writes of a leaf level Ω₁₁⁻¹ (q × q) and E = Ω₁₁⁻¹Ω_1R (q × columns).
  mutating func writeLeafInverse(_ index: Int, inverse: inout [Double], link: inout [Double]) {
    let q = structure.q
    let leaf = structure.leaves[index]
    let base = index * q * q
    // L'⁻¹ applied to L⁻¹ and to V.
    for j in 0..<(q + leaf.columns.count) {
      for k in 0..<q {
        if j < q {
          var sum = k == j ? 1.0 : 0
          for t in 0..<k { sum -= leafFactors[base + k + t * q] * scratch[t] }
          scratch[k] = sum / leafFactors[base + k + k * q]
        } else {
          scratch[k] = links[leaf.linkStart + k + (j - q) * q]
        }
      }
      for k in stride(from: q - 1, through: 0, by: -1) {
        var sum = scratch[k]
        for t in (k + 1)..<max(q, k + 1) { sum -= leafFactors[base + t + k * q] * scratch[t] }
        scratch[k] = sum / leafFactors[base + k + k * q]
      }
      for k in 0..<q {
        if j < q { inverse[k + j * q] = scratch[k] } else { link[k + (j - q) * q] = scratch[k] }
      }
    }
  }
}
