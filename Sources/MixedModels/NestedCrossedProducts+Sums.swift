import LinearAlgebra

extension NestedCrossedProducts {
  /// The cross-products of every component of linked levels.
  static func crossProducts(
    _ layout: RandomEffectsLayout, leafBlock: Int, basis: Matrix, rootWeights: [Double]
  ) -> [Component] {
    ComponentBuilder.components(of: layout, leafBlock: leafBlock).map { linked in
      var component = Component(
        nodes: linked.nodes, size: linked.size, leaves: [],
        a: Matrix(rows: linked.size, columns: linked.size),
        c: Matrix(rows: linked.size, columns: basis.columns))
      for level in linked.leaves {
        add(level, linked, layout, leafBlock, basis, rootWeights, to: &component)
      }
      return component
    }
  }

  private static func add(
    _ level: ComponentBuilder.LinkedLevel, _ linked: ComponentBuilder.LinkedLevels,
    _ layout: RandomEffectsLayout, _ leafBlock: Int, _ basis: Matrix, _ rootWeights: [Double],
    to component: inout Component
  ) {
    let q = layout.blocks[leafBlock].width
    let w = basis.columns
    let n = basis.rows
    let rest = layout.blocks.indices.filter { $0 != leafBlock }
    var columns: [Int] = []
    var startOfNode: [Int: Int] = [:]
    for index in level.nodes {
      startOfNode[index] = columns.count
      let node = linked.nodes[index]
      columns += (0..<layout.blocks[node.block].width).map { node.start + $0 }
    }
    var leaf = Leaf(
      level: level.level, a: Matrix(rows: q, columns: q), b: Matrix(rows: q, columns: columns.count),
      c: Matrix(rows: q, columns: w), nodes: level.nodes, columns: columns)
    let leafDesign = layout.blocks[leafBlock].design.storage
    for row in level.rows {
      let root = rootWeights[row]
      let z = (0..<q).map { leafDesign[row + $0 * n] * root }
      let m = (0..<w).map { basis.storage[row + $0 * n] }
      for i in 0..<q {
        for j in 0..<q { leaf.a[i, j] += z[i] * z[j] }
        for j in 0..<w { leaf.c[i, j] += z[i] * m[j] }
      }
      // The values of the rest's columns in this row, with their places in the component and in the leaf.
      var values: [(place: Int, local: Int, value: Double)] = []
      for b in rest {
        let block = layout.blocks[b]
        let index = linked.index[b]![block.codes[row]]!
        for j in 0..<block.width {
          values.append(
            (
              linked.nodes[index].start + j, startOfNode[index]! + j,
              block.design.storage[row + j * n] * root
            ))
        }
      }
      for x in values {
        for i in 0..<q { leaf.b[i, x.local] += z[i] * x.value }
        for y in values { component.a[x.place, y.place] += x.value * y.value }
        for j in 0..<w { component.c[x.place, j] += x.value * m[j] }
      }
    }
    component.leaves.append(leaf)
  }
}
