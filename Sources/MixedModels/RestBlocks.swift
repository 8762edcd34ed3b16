import LinearAlgebra

/// A block-diagonal matrix N over the effects of a component's rest: for each node the same small matrix of its grouping.
struct RestBlocks {
  private let nodes: [NestedCrossedProducts.Node]
  private let size: Int
  /// Per grouping its matrix, column-major, with its order.
  private let blocks: [(width: Int, values: [Double])]
  /// The values of N on the diagonal where every grouping has one effect a level.
  private let diagonal: [Double]?

  /// - Parameter values: the matrices of all groupings, laid out as the factors are (`RandomEffectsLayout.lambda`).
  init(_ component: NestedCrossedProducts.Component, _ layout: RandomEffectsLayout, _ values: [Double]) {
    nodes = component.nodes
    size = component.size
    blocks = layout.blocks.map { block in
      (block.width, Array(values[block.lambdaOffset..<(block.lambdaOffset + block.width * block.width)]))
    }
    diagonal =
      nodes.allSatisfy { layout.blocks[$0.block].width == 1 }
      ? nodes.map { values[layout.blocks[$0.block].lambdaOffset] } : nil
  }

  /// The matrix of a node's grouping.
  func matrix(of node: NestedCrossedProducts.Node) -> Matrix {
    let (q, values) = blocks[node.block]
    return Matrix(rows: q, columns: q, storage: values)
  }

  /// X ← N'X N for a symmetric X of which the lower triangle is read and written.
  func makeCongruent(_ x: inout [Double]) {
    let r = size
    x.withUnsafeMutableBufferPointer { x in
      if let diagonal {
        diagonal.withUnsafeBufferPointer { d in
          for j in 0..<r {
            let factor = d[j]
            for i in j..<r { x[i + j * r] *= factor * d[i] }
          }
        }
        return
      }
      for node in nodes { multiplyColumns(of: node, x) }
      for (place, node) in nodes.enumerated() {
        for column in node.start..<(node.start + blocks[node.block].width) {
          for below in nodes[place...] { multiplyRows(of: below, x.baseAddress! + column * r) }
        }
      }
    }
  }

  /// X ← X N over a node's columns, from its own rows on.
  private func multiplyColumns(of node: NestedCrossedProducts.Node, _ x: UnsafeMutableBufferPointer<Double>) {
    let r = size
    let (q, n) = blocks[node.block]
    for j in 0..<q {
      for i in 0..<j { x[node.start + i + (node.start + j) * r] = x[node.start + j + (node.start + i) * r] }
    }
    var row = [Double](repeating: 0, count: q)
    for i in node.start..<r {
      for s in 0..<q { row[s] = x[i + (node.start + s) * r] }
      for j in 0..<q {
        var sum = 0.0
        for s in 0..<q { sum += row[s] * n[s + j * q] }
        x[i + (node.start + j) * r] = sum
      }
    }
  }

  /// x ← N'x over a node's rows of one column.
  private func multiplyRows(of node: NestedCrossedProducts.Node, _ x: UnsafeMutablePointer<Double>) {
    let (q, n) = blocks[node.block]
    if q == 1 {
      x[node.start] *= n[0]
      return
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: q) { own in
      for s in 0..<q { own[s] = x[node.start + s] }
      for j in 0..<q {
        var sum = 0.0
        for s in 0..<q { sum += n[s + j * q] * own[s] }
        x[node.start + j] = sum
      }
    }
  }

  /// X ← N'X for a matrix with as many rows as the rest.
  func multiplyTransposed(_ x: inout [Double], columns: Int) {
    let r = size
    x.withUnsafeMutableBufferPointer { x in
      for j in 0..<columns {
        for node in nodes { multiplyRows(of: node, x.baseAddress! + j * r) }
      }
    }
  }
}
