extension SurvivalData {
  /// For each row, whether the person stays under observation at its end, because another row of the same person starts
  /// there, in the same group.
  ///
  /// The end of such a row without an event is no censoring, only a cut between two rows. A person who changes groups is
  /// censored in the one and enters the other. Rows without an entry time have nothing after them. R
  /// `survival::survfit(…, id = )`, which in 3.5-3 takes the flags of other rows where there are groups.
  ///
  /// - Parameters:
  ///   - person: the code of each row's person.
  ///   - group: the code of each row's curve; nil where there is one.
  /// - Throws: `SurvivalError.overlappingRows` where a row starts before the person's row before it ends.
  /// - Complexity: O(n log n).
  public func continues(person: [Int32], in group: [Int32]? = nil) throws(SurvivalError) -> [Bool] {
    precondition(person.count == count, "\(person.count) persons for \(count) rows")
    var result = [Bool](repeating: false, count: count)
    guard let entryRank else { return result }
    let order = (0..<count).sorted {
      (person[$0], entryRank[$0], timeRank[$0]) < (person[$1], entryRank[$1], timeRank[$1])
    }
    var overlapping: [Int] = []
    for (before, row) in zip(order, order.dropFirst()) where person[before] == person[row] {
      if entryRank[row] < timeRank[before] { overlapping.append(row) }
      result[before] =
        entryRank[row] == timeRank[before] && (group.map { $0[row] == $0[before] } ?? true)
    }
    guard overlapping.isEmpty else { throw .overlappingRows(rows: overlapping.sorted()) }
    return result
  }
}
