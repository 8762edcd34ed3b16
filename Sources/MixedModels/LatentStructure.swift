import LinearAlgebra

/// How the observations of a generalised linear mixed model hang together through their random effects.
///
/// Observations are sorted so that those of a component (levels linked by observations), and inside it those of a level
/// of the leaf grouping, are neighbours. Each row carries the q₁ design values of its leaf level and the values of its
/// levels of the other groupings, the rest. Spherical effects u are stored leaf levels first, then each component's rest.
struct LatentStructure {
  /// A level of the leaf grouping.
  struct Leaf {
    let level: Int
    let rows: Range<Int>
    /// The places in the component's rest that the level's rows touch, ascending.
    let columns: [Int]
    /// Where the level's effects begin in u.
    let start: Int
    /// Where the level's links begin in the storage of all links (q₁ × columns each).
    let linkStart: Int
  }

  /// Levels that are linked by observations.
  struct Component {
    let leaves: Range<Int>
    let rows: Range<Int>
    let nodes: [NestedCrossedProducts.Node]
    /// The number of effects of the other groupings.
    let size: Int
    /// Where they begin in u.
    let start: Int
  }

  let layout: RandomEffectsLayout
  let leafBlock: Int
  /// For each place in the sorted order, the original row.
  let order: [Int]
  let leaves: [Leaf]
  let components: [Component]
  /// Design values of the leaf, q₁ a row.
  let leafDesign: [Double]
  /// Design values of the rest, `restWidth` a row.
  let restDesign: [Double]
  /// For each of those values its place among the columns of the row's leaf level.
  let restPlaces: [Int]
  /// For each of the `restWidth` values of a row, its block and its column there.
  let restColumns: [(block: Int, column: Int)]
  let effectCount: Int
  let linkCount: Int

  /// The number of effects of a leaf level.
  let q: Int
  /// The number of effects of other groupings that a row has.
  let restWidth: Int
  var rowCount: Int { order.count }

  /// Visits the places of a component's effects in u.
  @inline(__always)
  func forEffects(of component: Component, _ body: (Int) -> Void) {
    for leaf in component.leaves {
      let start = leaves[leaf].start
      for k in start..<(start + q) { body(k) }
    }
    for k in component.start..<(component.start + component.size) { body(k) }
  }

  init(layout: RandomEffectsLayout) {
    let n = layout.blocks[0].codes.count
    let leafBlock = layout.blocks.indices.max {
      (layout.blocks[$0].randomEffectCount, $1) < (layout.blocks[$1].randomEffectCount, $0)
    }!
    self.layout = layout
    self.leafBlock = leafBlock
    let rest = layout.blocks.indices.filter { $0 != leafBlock }
    restColumns = rest.flatMap { b in (0..<layout.blocks[b].width).map { (b, $0) } }
    let components = ComponentBuilder.components(of: layout, leafBlock: leafBlock)
    var order: [Int] = []
    var leaves: [Leaf] = []
    var made: [Component] = []
    var linkCount = 0
    let q = layout.blocks[leafBlock].width
    self.q = q
    restWidth = restColumns.count
    var restStart = layout.blocks[leafBlock].randomEffectCount
    var restPlaces = [Int](repeating: 0, count: n * restColumns.count)
    for component in components {
      let firstRow = order.count
      let firstLeaf = leaves.count
      for level in component.leaves {
        let firstOfLeaf = order.count
        order += level.rows
        let columns = level.nodes.flatMap { index in
          let node = component.nodes[index]
          return (0..<layout.blocks[node.block].width).map { node.start + $0 }
        }
        for place in firstOfLeaf..<order.count {
          var j = 0
          for b in rest {
            let node = component.nodes[component.index[b]![layout.blocks[b].codes[order[place]]]!]
            for column in 0..<layout.blocks[b].width {
              restPlaces[place * restColumns.count + j] = columns.firstIndex(
                of: node.start + column)!
              j += 1
            }
          }
        }
        leaves.append(
          Leaf(
            level: level.level, rows: firstOfLeaf..<order.count, columns: columns,
            start: leaves.count * q, linkStart: linkCount))
        linkCount += q * columns.count
      }
      made.append(
        Component(
          leaves: firstLeaf..<leaves.count, rows: firstRow..<order.count, nodes: component.nodes,
          size: component.size, start: restStart))
      restStart += component.size
    }
    self.order = order
    self.leaves = leaves
    self.components = made
    self.linkCount = linkCount
    self.restPlaces = restPlaces
    effectCount = restStart
    let leafMatrix = layout.blocks[leafBlock].design.storage
    leafDesign = order.flatMap { row in (0..<q).map { leafMatrix[row + $0 * n] } }
    let columns = restColumns
    restDesign = order.flatMap { row in
      columns.map { layout.blocks[$0.block].design.storage[row + $0.column * n] }
    }
  }
}
