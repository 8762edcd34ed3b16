/// The order that sorts rows by a small integer key, rows with one key staying as they were (counting sort).
///
/// - Parameters:
///   - keys: a key in 0 ..< `bound` for each row.
///   - start: the order to begin with; nil for the rows' own.
/// - Complexity: O(n + bound).
func countingOrder(_ keys: [Int32], bound: Int, from start: [Int32]? = nil) -> [Int32] {
  var position = [Int](repeating: 0, count: bound + 1)
  for key in keys { position[Int(key) + 1] += 1 }
  for k in 0..<bound { position[k + 1] += position[k] }
  var order = [Int32](repeating: 0, count: keys.count)
  order.withUnsafeMutableBufferPointer { order in
    position.withUnsafeMutableBufferPointer { position in
      keys.withUnsafeBufferPointer { keys in
        for i in 0..<Int32(keys.count) {
          let row = start?[Int(i)] ?? i
          let key = Int(keys[Int(row)])
          order[position[key]] = row
          position[key] += 1
        }
      }
    }
  }
  return order
}

/// The order of rows by stratum and, within a stratum, by rank, ascending; ties in the rows' own order.
func orderByStratum(_ stratum: [Int32]?, strata: Int, rank: [Int32], ranks: Int) -> [Int32] {
  let byRank = countingOrder(rank, bound: ranks)
  guard let stratum, strata > 1 else { return byRank }
  return countingOrder(stratum, bound: strata, from: byRank)
}
