import LinearAlgebra

/// The order that sorts rows by a small integer key, rows with one key staying as they were (counting sort).
///
/// - Parameters:
///   - keys: a key in 0 ..< `bound` for each row.
///   - start: the order to begin with; nil for the rows' own.
/// - Complexity: O(n + bound).
func countingOrder(_ keys: [Int32], bound: Int, from start: [Int32]? = nil) -> [Int32] {
  guard let start else { return countedOrder(keys, bound: bound).order }
  var position = [Int](repeating: 0, count: bound + 1)
  for key in keys { position[Int(key) + 1] += 1 }
  for k in 0..<bound { position[k + 1] += position[k] }
  var order = [Int32](repeating: 0, count: keys.count)
  order.withUnsafeMutableBufferPointer { order in
    position.withUnsafeMutableBufferPointer { position in
      keys.withUnsafeBufferPointer { keys in
        for row in start {
          let key = Int(keys[Int(row)])
          order[position[key]] = row
          position[key] += 1
        }
      }
    }
  }
  return order
}

/// The order that sorts rows by a small integer key, and for each key the place of its first row (one more at the end).
///
/// Threads count and place a stretch of rows each; as every stretch has counts of its own, many keys leave one stretch.
func countedOrder(_ keys: [Int32], bound: Int) -> (order: [Int32], starts: [Int]) {
  let n = keys.count
  let block = max(1 << 17, 2 * bound, (n + 7) / 8)
  let blocks = max(1, (n + block - 1) / block)
  let counts = ThreadSlots<[Int32]>(count: blocks)
  forEachBlock(rows: n, block: block) { rows in
    var own = [Int32](repeating: 0, count: bound)
    own.withUnsafeMutableBufferPointer { own in
      keys.withUnsafeBufferPointer { keys in
        for i in rows { own[Int(keys[i])] += 1 }
      }
    }
    counts[rows.lowerBound / block] = own
  }
  // The place of each stretch's first row of a key: behind all rows of lesser keys and of this key in the stretches before.
  var starts = [Int](repeating: 0, count: bound + 1)
  var places = (0..<blocks).map { counts[$0] ?? [Int32](repeating: 0, count: bound) }
  var next: Int32 = 0
  for key in 0..<bound {
    starts[key] = Int(next)
    for k in 0..<blocks {
      let count = places[k][key]
      places[k][key] = next
      next += count
    }
  }
  starts[bound] = Int(next)
  let first = places
  let order = [Int32](unsafeUninitializedCapacity: n) { order, count in
    guard n > 0 else { return }
    preferHugePages(UnsafeMutableRawPointer(order.baseAddress!), bytes: 4 * n)
    let target = SharedPlaces(base: order.baseAddress!)
    forEachBlock(rows: n, block: block) { rows in
      var own = first[rows.lowerBound / block]
      own.withUnsafeMutableBufferPointer { own in
        keys.withUnsafeBufferPointer { keys in
          for i in rows {
            let key = Int(keys[i])
            target.base[Int(own[key])] = Int32(i)
            own[key] += 1
          }
        }
      }
    }
    count = n
  }
  return (order, starts)
}

/// The order of rows by stratum and, within a stratum, by rank, ascending; ties in the rows' own order.
func orderByStratum(_ stratum: [Int32]?, strata: Int, rank: [Int32], ranks: Int) -> [Int32] {
  let byRank = countingOrder(rank, bound: ranks)
  guard let stratum, strata > 1 else { return byRank }
  return countingOrder(stratum, bound: strata, from: byRank)
}
