import LinearAlgebra

/// Finds the components of linked levels and sums their cross-products.
struct ComponentBuilder {
  let layout: RandomEffectsLayout
  let leafBlock: Int
  let basis: Matrix
  let rootWeights: [Double]

  /// The blocks other than the leaf.
  private var restBlocks: [Int] { layout.blocks.indices.filter { $0 != leafBlock } }

  func build() -> [NestedCrossedProducts.Component] {
    let offsets = nodeOffsets()
    let root = linkedNodes(offsets)
    var components: [NestedCrossedProducts.Component] = []
    // Components in the order of their first node, nodes by block and level.
    var componentOfRoot: [Int: Int] = [:]
    var componentOfNode = [Int](repeating: 0, count: root.count)
    var indexOfNode = [Int](repeating: 0, count: root.count)
    for b in restBlocks {
      for level in layout.blocks[b].levels.indices {
        let node = offsets[b] + level
        let component = componentOfRoot[root[node]] ?? components.count
        if component == components.count {
          components.append(NestedCrossedProducts.Component())
          componentOfRoot[root[node]] = component
        }
        componentOfNode[node] = component
        indexOfNode[node] = components[component].nodes.count
        components[component].nodes.append(
          .init(block: b, level: level, start: components[component].size))
        components[component].size += layout.blocks[b].width
      }
    }
    for i in components.indices {
      components[i].a = Matrix(rows: components[i].size, columns: components[i].size)
      components[i].c = Matrix(rows: components[i].size, columns: basis.columns)
    }
    let rows = rowsByLeaf()
    for (level, members) in rows.enumerated() {
      let component = componentOfNode[node(members[0], restBlocks[0], offsets)]
      addLevel(level, members, offsets, indexOfNode, to: &components[component])
    }
    return components
  }

  /// Where the nodes of each block begin in a numbering of all nodes.
  private func nodeOffsets() -> [Int] {
    var offsets = [Int](repeating: 0, count: layout.blocks.count)
    var next = 0
    for b in restBlocks {
      offsets[b] = next
      next += layout.blocks[b].levels.count
    }
    return offsets
  }

  private func node(_ row: Int, _ block: Int, _ offsets: [Int]) -> Int {
    offsets[block] + layout.blocks[block].codes[row]
  }

  /// The representative of every node: nodes are linked by a common observation or a common leaf level.
  private func linkedNodes(_ offsets: [Int]) -> [Int] {
    let count = restBlocks.reduce(0) { $0 + layout.blocks[$1].levels.count }
    var parent = Array(0..<count)
    func find(_ x: Int) -> Int {
      var x = x
      while parent[x] != x {
        parent[x] = parent[parent[x]]
        x = parent[x]
      }
      return x
    }
    var firstOfLeaf = [Int](repeating: -1, count: layout.blocks[leafBlock].levels.count)
    for row in 0..<basis.rows {
      let leaf = layout.blocks[leafBlock].codes[row]
      for b in restBlocks {
        let x = node(row, b, offsets)
        if firstOfLeaf[leaf] < 0 {
          firstOfLeaf[leaf] = x
        } else {
          let u = find(x)
          let v = find(firstOfLeaf[leaf])
          parent[max(u, v)] = min(u, v)
        }
      }
    }
    return (0..<count).map { find($0) }
  }

  private func rowsByLeaf() -> [[Int]] {
    var rows = [[Int]](repeating: [], count: layout.blocks[leafBlock].levels.count)
    for (row, code) in layout.blocks[leafBlock].codes.enumerated() { rows[code].append(row) }
    return rows
  }

  private func addLevel(
    _ level: Int, _ members: [Int], _ offsets: [Int], _ indexOfNode: [Int],
    to component: inout NestedCrossedProducts.Component
  ) {
    let q = layout.blocks[leafBlock].width
    let w = basis.columns
    let n = basis.rows
    var touched: Set<Int> = []
    for row in members {
      for b in restBlocks { touched.insert(indexOfNode[node(row, b, offsets)]) }
    }
    let nodes = touched.sorted()
    var columns: [Int] = []
    var startOfNode: [Int: Int] = [:]
    for index in nodes {
      startOfNode[index] = columns.count
      let x = component.nodes[index]
      columns += (0..<layout.blocks[x.block].width).map { x.start + $0 }
    }
    var leaf = NestedCrossedProducts.Leaf(
      level: level, a: Matrix(rows: q, columns: q), b: Matrix(rows: q, columns: columns.count),
      c: Matrix(rows: q, columns: w), nodes: nodes, columns: columns)
    let leafDesign = layout.blocks[leafBlock].design.storage
    for row in members {
      let root = rootWeights[row]
      let z = (0..<q).map { leafDesign[row + $0 * n] * root }
      let m = (0..<w).map { basis.storage[row + $0 * n] }
      for i in 0..<q {
        for j in 0..<q { leaf.a[i, j] += z[i] * z[j] }
        for j in 0..<w { leaf.c[i, j] += z[i] * m[j] }
      }
      // The values of the rest's columns in this row, with their places in the component and in the leaf.
      var values: [(place: Int, local: Int, value: Double)] = []
      for b in restBlocks {
        let index = indexOfNode[node(row, b, offsets)]
        let block = layout.blocks[b]
        for j in 0..<block.width {
          values.append(
            (
              component.nodes[index].start + j, startOfNode[index]! + j,
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
