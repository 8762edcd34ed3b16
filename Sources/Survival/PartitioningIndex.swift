extension RandomAccessCollection {
  /// The first offset from the start whose element satisfies a predicate that is false and then true along the
  /// collection; the count where none does (binary search).
  @inlinable
  func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isAfter(self[index(startIndex, offsetBy: middle)]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
