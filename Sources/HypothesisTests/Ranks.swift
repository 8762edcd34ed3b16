/// The ranks of a pooled sample, ties sharing the mean of their ranks.
struct Ranks {
  /// Twice each value's rank, so that midranks are whole numbers.
  let doubled: [Int]
  /// The sizes of the groups of equal values, groups of one left out.
  let ties: [Int]

  init(_ x: [Double]) {
    let order = x.indices.sorted { x[$0] < x[$1] }
    var doubled = [Int](repeating: 0, count: x.count)
    var ties: [Int] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, x[order[end]] == x[order[start]] { end += 1 }
      // Ranks start + 1 … end have the mean (start + 1 + end)/2.
      for i in start..<end { doubled[order[i]] = start + 1 + end }
      if end - start > 1 { ties.append(end - start) }
      start = end
    }
    self.doubled = doubled
    self.ties = ties
  }

  /// Σ (t³ − t) over the groups of ties.
  var tieSum: Double {
    ties.reduce(0) { $0 + Double($1) * (Double($1) * Double($1) - 1) }
  }
}
