import LinearAlgebra

/// Finds the components of linked levels of several groupings, and sums their cross-products.
struct ComponentBuilder {
  /// A level of the leaf grouping with its observations.
  struct LinkedLevel {
    let level: Int
    let rows: [Int]
    /// The indices in the component of the nodes that share observations with the level, ascending.
    let nodes: [Int]
  }

  /// Levels that are linked, directly or through others.
  struct LinkedLevels {
    var nodes: [NestedCrossedProducts.Node] = []
    var size = 0
    var leaves: [LinkedLevel] = []
    /// For each block, the index of a level's node.
    var index: [Int: [Int: Int]] = [:]
  }

  /// The components of a layout: in the order of their first node, nodes by block and level; where there is one grouping
  /// only, each level is a component.
  static func components(of layout: RandomEffectsLayout, leafBlock: Int) -> [LinkedLevels] {
    let rest = layout.blocks.indices.filter { $0 != leafBlock }
    var rowsOfLeaf = [[Int]](repeating: [], count: layout.blocks[leafBlock].levels.count)
    for (row, code) in layout.blocks[leafBlock].codes.enumerated() { rowsOfLeaf[code].append(row) }
    guard let first = rest.first else {
      return rowsOfLeaf.enumerated().map { level, rows in
        LinkedLevels(leaves: [LinkedLevel(level: level, rows: rows, nodes: [])])
      }
    }
    let (offsets, root) = linkedNodes(layout, leafBlock: leafBlock, rest: rest)
    var components: [LinkedLevels] = []
    var componentOfRoot: [Int: Int] = [:]
    var componentOfNode = [Int](repeating: 0, count: root.count)
    var indexOfNode = [Int](repeating: 0, count: root.count)
    for b in rest {
      for level in layout.blocks[b].levels.indices {
        let node = offsets[b] + level
        let component = componentOfRoot[root[node]] ?? components.count
        if component == components.count {
          components.append(LinkedLevels())
          componentOfRoot[root[node]] = component
        }
        componentOfNode[node] = component
        indexOfNode[node] = components[component].nodes.count
        components[component].index[b, default: [:]][level] = indexOfNode[node]
        components[component].nodes.append(
          .init(block: b, level: level, start: components[component].size))
        components[component].size += layout.blocks[b].width
      }
    }
    for (level, rows) in rowsOfLeaf.enumerated() {
      var touched: Set<Int> = []
      for row in rows {
        for b in rest { touched.insert(indexOfNode[offsets[b] + layout.blocks[b].codes[row]]) }
      }
      let component = componentOfNode[offsets[first] + layout.blocks[first].codes[rows[0]]]
      components[component].leaves.append(
        LinkedLevel(level: level, rows: rows, nodes: touched.sorted()))
    }
    return components
  }

  /// The representative of every node: nodes are linked by a common observation or a common leaf level.
  private static func linkedNodes(
    _ layout: RandomEffectsLayout, leafBlock: Int, rest: [Int]
  ) -> (offsets: [Int], root: [Int]) {
    var offsets = [Int](repeating: 0, count: layout.blocks.count)
    var count = 0
    for b in rest {
      offsets[b] = count
      count += layout.blocks[b].levels.count
    }
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
    for (row, leaf) in layout.blocks[leafBlock].codes.enumerated() {
      for b in rest {
        let x = offsets[b] + layout.blocks[b].codes[row]
        if firstOfLeaf[leaf] < 0 {
          firstOfLeaf[leaf] = x
        } else {
          let u = find(x)
          let v = find(firstOfLeaf[leaf])
          parent[max(u, v)] = min(u, v)
        }
      }
    }
    return (offsets, (0..<count).map { find($0) })
  }
}
