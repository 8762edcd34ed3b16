import Glibc
import LinearAlgebra

/// The cross-products of a model with several groupings, nested, crossed or partly crossed.
///
/// The grouping with the most random effects is the leaf: its part of Ω = Λ'Z'ZΛ + I is block-diagonal over its levels
/// and is eliminated level by level. The other groupings' effects are the rest. Levels that are linked by observations
/// form a component, in which the rest is a small dense matrix: one site with its patients where patients are nested in
/// sites, the whole data where groupings are crossed.
struct NestedCrossedProducts: PenalisedLeastSquares {
  /// One level of a grouping that is not the leaf: the place of its effects inside its component.
  struct Node {
    let block: Int
    let level: Int
    let start: Int
  }

  /// One level of the leaf grouping.
  struct Leaf {
    let level: Int
    /// A = Z₁'Z₁, q₁ × q₁.
    var a: Matrix
    /// B = Z₁'Z_R over the columns of the nodes that share observations with the level.
    var b: Matrix
    /// c = Z₁'M.
    var c: Matrix
    /// The indices of those nodes in their component, ascending.
    var nodes: [Int]
    /// The places of the columns of `b` in the component's rest.
    var columns: [Int]
  }

  /// Levels that are linked, directly or through others.
  struct Component {
    var nodes: [Node] = []
    /// The number of rest effects.
    var size = 0
    var leaves: [Leaf] = []
    /// Z_R'Z_R and Z_R'M.
    var a = Matrix(rows: 0, columns: 0)
    var c = Matrix(rows: 0, columns: 0)
  }

  let width: Int
  let layout: RandomEffectsLayout
  let leafBlock: Int
  private(set) var components: [Component]
  private let gram: Matrix
  /// The width of every block and the place of its factor.
  private let blockShapes: [(width: Int, offset: Int)]
  // Scratch: the rest of a component, its right sides, and one leaf.
  private var rest: [Double]
  private var right: [Double]
  private var omega: [Double]
  private var half: [Double]
  private var product: [Double]

  init(layout: RandomEffectsLayout, basis m: Matrix, rootWeights: [Double]) {
    self.layout = layout
    width = m.columns
    let leafBlock = layout.blocks.indices.max {
      (layout.blocks[$0].randomEffectCount, $1) < (layout.blocks[$1].randomEffectCount, $0)
    }!
    self.leafBlock = leafBlock
    gram = m.gram()
    blockShapes = layout.blocks.map { ($0.width, $0.lambdaOffset) }
    components = Self.crossProducts(
      layout, leafBlock: leafBlock, basis: m, rootWeights: rootWeights)
    let q = layout.blocks[leafBlock].width
    let largest = components.map(\.size).max() ?? 0
    let widest = components.flatMap { $0.leaves.map(\.columns.count) }.max() ?? 0
    rest = [Double](repeating: 0, count: largest * largest)
    right = [Double](repeating: 0, count: largest * m.columns)
    omega = [Double](repeating: 0, count: q * q)
    half = [Double](repeating: 0, count: q * q)
    product = [Double](repeating: 0, count: q * (widest + m.columns))
  }

  mutating func reduce(_ lambda: [Double], into k: inout [Double]) -> Double? {
    for i in 0..<(width * width) { k[i] = gram.storage[i] }
    var logDeterminant = 0.0
    for component in components {
      guard let part = reduce(component, lambda, &k) else { return nil }
      logDeterminant += part
    }
    return logDeterminant
  }

  private mutating func reduce(_ component: Component, _ lambda: [Double], _ k: inout [Double]) -> Double? {
    let r = component.size
    let w = width
    for i in 0..<(r * r) { rest[i] = component.a.storage[i] }
    for i in 0..<(r * w) { right[i] = component.c.storage[i] }
    multiplyColumns(component, lambda, rows: r)
    Self.multiplyRows(component, layout, lambda, &rest, columns: r)
    Self.multiplyRows(component, layout, lambda, &right, columns: w)
    for i in 0..<r { rest[i + i * r] += 1 }
    var logDeterminant = 0.0
    for leaf in component.leaves {
      guard let logPivot = factor(leaf, lambda) else { return nil }
      logDeterminant += 2 * logPivot
      eliminate(leaf, of: component, lambda, &k)
    }
    guard r > 0 else { return logDeterminant }
    let failed = rest.withUnsafeMutableBufferPointer { rest in
      right.withUnsafeMutableBufferPointer { right in
        k.withUnsafeMutableBufferPointer { k in
          let failed = DenseKernels.cholesky(rest, order: r)
          guard failed == 0 else { return failed }
          DenseKernels.solveLower(rest, order: r, right, columns: w)
          DenseKernels.subtractGram(of: right, rows: r, columns: w, from: k)
          return 0
        }
      }
    }
    guard failed == 0 else { return nil }
    for i in 0..<r { logDeterminant += 2 * log(rest[i + i * r]) }
    return logDeterminant
  }

  /// rest ← rest Λ_R, in place: a node's column j becomes a combination of its columns from j on.
  private mutating func multiplyColumns(_ component: Component, _ lambda: [Double], rows: Int) {
    rest.withUnsafeMutableBufferPointer { x in
      for node in component.nodes {
        let block = layout.blocks[node.block]
        let q = block.width
        for j in 0..<q {
          let target = (node.start + j) * rows
          let diagonal = lambda[block.lambdaOffset + j + j * q]
          for i in 0..<rows { x[target + i] *= diagonal }
          for s in (j + 1)..<max(q, j + 1) {
            let factor = lambda[block.lambdaOffset + s + j * q]
            let source = (node.start + s) * rows
            for i in 0..<rows { x[target + i] += factor * x[source + i] }
          }
        }
      }
    }
  }

  /// x ← Λ_R'x, in place, for a matrix with as many rows as the component's rest.
  private static func multiplyRows(
    _ component: Component, _ layout: RandomEffectsLayout, _ lambda: [Double], _ x: inout [Double],
    columns: Int
  ) {
    let r = component.size
    x.withUnsafeMutableBufferPointer { x in
      for column in 0..<columns {
        for node in component.nodes {
          let block = layout.blocks[node.block]
          let q = block.width
          let base = node.start + column * r
          for j in 0..<q {
            var sum = 0.0
            for s in j..<q { sum += lambda[block.lambdaOffset + s + j * q] * x[base + s] }
            x[base + j] = sum
          }
        }
      }
    }
  }

  /// Factors Ω of a leaf level into `omega`, writes L⁻¹Λ' to `half` and returns log |L|.
  private mutating func factor(_ leaf: Leaf, _ lambda: [Double]) -> Double? {
    let (q, offset) = blockShapes[leafBlock]
    for j in 0..<q {
      for i in 0..<q {
        var sum = 0.0
        for s in j..<q { sum += leaf.a.storage[i + s * q] * lambda[offset + s + j * q] }
        half[i + j * q] = sum
      }
    }
    for j in 0..<q {
      for i in j..<q {
        var sum = i == j ? 1.0 : 0
        for s in i..<q { sum += lambda[offset + s + i * q] * half[s + j * q] }
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
        for s in 0..<i { sum -= omega[i + s * q] * half[s + j * q] }
        half[i + j * q] = sum / omega[i + i * q]
      }
    }
    return logPivot
  }

  /// Subtracts what a factored leaf level explains from the rest, its right sides and K.
  private mutating func eliminate(
    _ leaf: Leaf, of component: Component, _ lambda: [Double], _ k: inout [Double]
  ) {
    let q = blockShapes[leafBlock].width
    fillProduct(leaf, component, lambda, q)
    let w = width
    let r = component.size
    let s = leaf.columns.count
    product.withUnsafeBufferPointer { v in
      leaf.columns.withUnsafeBufferPointer { columns in
        rest.withUnsafeMutableBufferPointer { rest in
          // Columns ascend, so that these places lie in the lower triangle.
          for j in 0..<s {
            let target = columns[j] * r
            if q == 1 {
              let factor = v[j]
              for i in j..<s { rest[target + columns[i]] -= factor * v[i] }
              continue
            }
            for i in j..<s {
              var sum = 0.0
              for t in 0..<q { sum += v[t + i * q] * v[t + j * q] }
              rest[target + columns[i]] -= sum
            }
          }
        }
        right.withUnsafeMutableBufferPointer { right in
          for j in 0..<w {
            for i in 0..<s {
              var sum = 0.0
              for t in 0..<q { sum += v[t + i * q] * v[t + (s + j) * q] }
              right[columns[i] + j * r] -= sum
            }
          }
        }
      }
      k.withUnsafeMutableBufferPointer { k in
        for j in 0..<w {
          for i in j..<w {
            var sum = 0.0
            for t in 0..<q { sum += v[t + (s + i) * q] * v[t + (s + j) * q] }
            k[i + j * w] -= sum
          }
        }
      }
    }
  }

  /// v = L⁻¹Λ₁'[B | c], then its first columns times Λ_R.
  private mutating func fillProduct(_ leaf: Leaf, _ component: Component, _ lambda: [Double], _ q: Int) {
    let s = leaf.columns.count
    let w = width
    let shapes = blockShapes
    product.withUnsafeMutableBufferPointer { v in
      half.withUnsafeBufferPointer { half in
        leaf.b.storage.withUnsafeBufferPointer { b in
          leaf.c.storage.withUnsafeBufferPointer { c in
            for j in 0..<(s + w) {
              for i in 0..<q {
                var sum = 0.0
                for t in 0..<q { sum += half[i + t * q] * (j < s ? b[t + j * q] : c[t + (j - s) * q]) }
                v[i + j * q] = sum
              }
            }
          }
        }
      }
      lambda.withUnsafeBufferPointer { lambda in
        var start = 0
        for index in leaf.nodes {
          let (width, offset) = shapes[component.nodes[index].block]
          for j in 0..<width {
            for i in 0..<q {
              var sum = 0.0
              for t in j..<width { sum += v[i + (start + t) * q] * lambda[offset + t + j * width] }
              v[i + (start + j) * q] = sum
            }
          }
          start += width
        }
      }
    }
  }
}
