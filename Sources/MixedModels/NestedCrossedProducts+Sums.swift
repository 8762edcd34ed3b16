import LinearAlgebra

extension NestedCrossedProducts {
  /// The cross-products of every component of linked levels.
  static func crossProducts(
    _ layout: RandomEffectsLayout, leafBlock: Int, basis: Matrix, rootWeights: [Double]
  ) -> [Component] {
    let rest = layout.blocks.indices.filter { $0 != leafBlock }
    return ComponentBuilder.components(of: layout, leafBlock: leafBlock).map { linked in
      var component = Component(
        nodes: linked.nodes, size: linked.size,
        restGram: Matrix(rows: linked.size, columns: linked.size),
        restProducts: Matrix(rows: linked.size, columns: basis.columns))
      // For each grouping of the rest the place of its levels' effects in the component.
      var places = layout.blocks.map { _ in [Int: Int]() }
      for node in linked.nodes { places[node.block][node.level] = node.start }
      var start = [Int](repeating: 0, count: linked.size)
      for level in linked.leaves {
        let first = component.columns.count
        for index in level.nodes {
          let node = linked.nodes[index]
          for j in 0..<layout.blocks[node.block].width {
            start[node.start + j] = component.columns.count
            component.columns.append(node.start + j)
          }
        }
        component.levels.append(level.level)
        component.columnStarts.append(component.columns.count)
        add(
          level.rows, from: first, layout, leafBlock, rest, basis, rootWeights, places, start,
          to: &component)
      }
      index(&component)
      return component
    }
  }

  /// Lists for each place in the rest the leaf levels that touch it.
  private static func index(_ component: inout Component) {
    var starts = [Int](repeating: 0, count: component.size + 1)
    for column in component.columns { starts[column + 1] += 1 }
    for i in 0..<component.size { starts[i + 1] += starts[i] }
    var next = starts
    component.occurrences = Array(repeating: (0, 0), count: component.columns.count)
    for leaf in component.levels.indices {
      for position in component.columnStarts[leaf]..<component.columnStarts[leaf + 1] {
        component.occurrences[next[component.columns[position]]] = (leaf, position)
        next[component.columns[position]] += 1
      }
    }
    component.occurrenceStarts = starts
  }

  /// Adds a leaf level's observations.
  ///
  /// - Parameters:
  ///   - places: per grouping, the place in the rest of each level's first effect.
  ///   - positions: for each place in the rest that the level touches, where it stands among the columns.
  private static func add(
    _ rows: [Int], from first: Int, _ layout: RandomEffectsLayout, _ leafBlock: Int, _ rest: [Int],
    _ basis: Matrix, _ rootWeights: [Double], _ places: [[Int: Int]], _ positions: [Int],
    to component: inout Component
  ) {
    let q = layout.blocks[leafBlock].width
    let w = basis.columns
    let n = basis.rows
    let r = component.size
    let a = component.a.count
    let c = component.c.count
    component.a += [Double](repeating: 0, count: q * q)
    component.b += [Double](repeating: 0, count: q * (component.columns.count - first))
    component.c += [Double](repeating: 0, count: q * w)
    var values: [(place: Int, value: Double)] = []
    for row in rows {
      let root = rootWeights[row]
      for i in 0..<q {
        let z = layout.blocks[leafBlock].design.storage[row + i * n] * root
        for j in 0..<q {
          component.a[a + i + j * q] += z * layout.blocks[leafBlock].design.storage[row + j * n] * root
        }
        for j in 0..<w { component.c[c + i + j * q] += z * basis.storage[row + j * n] }
      }
      values.removeAll(keepingCapacity: true)
      for b in rest {
        let start = places[b][layout.blocks[b].codes[row]]!
        for j in 0..<layout.blocks[b].width {
          values.append((start + j, layout.blocks[b].design.storage[row + j * n] * root))
        }
      }
      for x in values {
        for i in 0..<q {
          component.b[i + positions[x.place] * q] +=
            layout.blocks[leafBlock].design.storage[row + i * n] * root * x.value
        }
        for y in values { component.restGram.storage[x.place + y.place * r] += x.value * y.value }
        for j in 0..<w {
          component.restProducts.storage[x.place + j * r] += x.value * basis.storage[row + j * n]
        }
      }
    }
  }
}
