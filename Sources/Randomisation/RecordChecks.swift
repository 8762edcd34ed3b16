import ModelFormula

/// The checks of single rows: identifiers, arms and dates.
struct RecordChecks {
  let records: AllocationRecords
  let arms: TrialArms
  /// True where the trial's arms were declared rather than taken from the data.
  let armsAreDeclared: Bool

  // MARK: Identifiers and arms

  func duplicates() -> RandomisationCheck {
    var first: [String: Int] = [:]
    var repeated: Set<Int> = []
    var people: Set<String> = []
    for (row, id) in records.ids.enumerated() {
      guard let id else { continue }
      if let earlier = first[id] {
        repeated.formUnion([earlier, row])
        people.insert(id)
      } else {
        first[id] = row
      }
    }
    let empty = records.ids.indices.filter { records.ids[$0] == nil }
    let rows = (repeated.sorted() + empty).sorted().map { records.lines[$0] }
    if rows.isEmpty {
      return .init(.duplicateID, .pass, statistic: 0, "\(records.count) rows, each its own participant")
    }
    var parts: [String] = []
    if !people.isEmpty { parts.append(counted(people.count, "participant") + " in several rows") }
    if !empty.isEmpty { parts.append(counted(empty.count, "row") + " without an identifier") }
    return .init(
      .duplicateID, .fail, statistic: Double(people.count + empty.count), rows: rows,
      parts.joined(separator: ", ") + "; the audit takes the first of several rows")
  }

  func missingArms() -> RandomisationCheck {
    let rows = records.arms.indices.filter { records.arms[$0] == nil }.map { records.lines[$0] }
    if rows.isEmpty { return .init(.missingArm, .pass, statistic: 0, "every row has an arm") }
    return .init(
      .missingArm, .fail, statistic: Double(rows.count), rows: rows,
      counted(rows.count, "row") + " without an arm")
  }

  func unknownArms() -> RandomisationCheck {
    guard armsAreDeclared else {
      return .notApplicable(.unknownArm, "the arms were taken from the data; name them to check the codes")
    }
    let rows = records.arms.indices.filter { row in
      records.arms[row].map { !arms.codes.contains($0) } ?? false
    }
    if rows.isEmpty {
      return .init(
        .unknownArm, .pass, statistic: 0, "every arm is one of \(arms.codes.joined(separator: ", "))")
    }
    return .init(
      .unknownArm, .fail, statistic: Double(rows.count), rows: rows.map { records.lines[$0] },
      counted(rows.count, "row") + " with an arm that is none of \(arms.codes.joined(separator: ", "))")
  }

  /// The rows that can be audited: the first of each participant, with a known arm.
  func usable() -> [Int] {
    var seen: Set<String> = []
    return (0..<records.count).filter { row in
      guard let arm = records.arms[row], arms.codes.contains(arm) else { return false }
      guard let id = records.ids[row] else { return true }
      return seen.insert(id).inserted
    }
  }

  // MARK: Dates

  /// Rows in the order of randomisation, and the check that the dates agree with it.
  ///
  /// The order is that of the order column; without one, that of the file, unless its dates run so differently that the
  /// file is plainly sorted by something else, and then that of the dates.
  func ordered(_ rows: [Int]) -> (rows: [Int], check: RandomisationCheck) {
    var rows = rows
    if let order = records.order {
      rows = rows.enumerated().sorted { a, b in
        let (x, y) = (order[a.element], order[b.element])
        if x.isNaN || y.isNaN { return !x.isNaN && y.isNaN || x.isNaN == y.isNaN && a.offset < b.offset }
        return (x, a.offset) < (y, b.offset)
      }.map(\.element)
    }
    guard let date = records.date else {
      return (rows, .notApplicable(.dateOrder, "no date of randomisation"))
    }
    let dated = rows.filter { date[$0] != Column.missingDay }
    let kept = Self.longestRising(dated.map { date[$0] })
    let astray = dated.indices.filter { !kept.contains($0) }.map { dated[$0] }
    let undated = rows.count - dated.count
    let lacking = undated > 0 ? "; \(counted(undated, "row")) without a date" : ""
    if records.order == nil, astray.count * 2 > dated.count {
      // Undated rows last.
      func key(_ row: Int) -> Int64 { date[row] == Column.missingDay ? .max : Int64(date[row]) }
      let byDate = rows.enumerated().sorted {
        (key($0.element), $0.offset) < (key($1.element), $1.offset)
      }
      return (
        byDate.map(\.element),
        .notApplicable(
          .dateOrder, "the file is not in order of randomisation; the order is that of the dates" + lacking)
      )
    }
    if astray.isEmpty {
      return (
        rows,
        .init(.dateOrder, undated > 0 ? .warn : .pass, statistic: 0, "the dates follow the list" + lacking)
      )
    }
    let by = records.order == nil ? "the order of the file" : "the order of the list"
    return (
      rows,
      .init(
        .dateOrder, .fail, statistic: Double(astray.count), rows: astray.map { records.lines[$0] }.sorted(),
        "\(counted(astray.count, "date")) against \(by)" + lacking)
    )
  }

  /// The places of a longest subsequence that never falls: the others are the fewest that can be out of order.
  static func longestRising(_ values: [Int32]) -> Set<Int> {
    // tails[k]: the place that ends the rising subsequence of length k + 1 with the smallest end.
    var tails: [Int] = []
    var previous = [Int](repeating: -1, count: values.count)
    for (i, value) in values.enumerated() {
      var (low, high) = (0, tails.count)
      while low < high {
        let middle = (low + high) / 2
        if values[tails[middle]] <= value { low = middle + 1 } else { high = middle }
      }
      if low > 0 { previous[i] = tails[low - 1] }
      if low == tails.count { tails.append(i) } else { tails[low] = i }
    }
    var kept: Set<Int> = []
    var place = tails.last ?? -1
    while place >= 0 {
      kept.insert(place)
      place = previous[place]
    }
    return kept
  }

  func outsideWindow(_ window: ClosedRange<Int32>?, _ rows: [Int]) -> RandomisationCheck {
    guard let date = records.date else {
      return .notApplicable(.dateOutsideWindow, "no date of randomisation")
    }
    guard let window else { return .notApplicable(.dateOutsideWindow, "no window was given") }
    let outside = rows.filter { date[$0] != Column.missingDay && !window.contains(date[$0]) }
    let text =
      "\(CalendarDay(number: window.lowerBound).iso) to \(CalendarDay(number: window.upperBound).iso)"
    if outside.isEmpty {
      return .init(.dateOutsideWindow, .pass, statistic: 0, "every known date lies within \(text)")
    }
    return .init(
      .dateOutsideWindow, .fail, statistic: Double(outside.count), rows: outside.map { records.lines[$0] },
      "\(counted(outside.count, "date")) outside \(text)")
  }

  func baselineAfterRandomisation(_ rows: [Int]) -> RandomisationCheck {
    guard let date = records.date, let baseline = records.baselineDate else {
      return .notApplicable(.baselineAfterRandomisation, "no dates of both randomisation and baseline")
    }
    let known = rows.filter { date[$0] != Column.missingDay && baseline[$0] != Column.missingDay }
    let late = known.filter { baseline[$0] > date[$0] }
    if late.isEmpty {
      return .init(
        .baselineAfterRandomisation, .pass, statistic: 0,
        "baseline was not after randomisation in \(counted(known.count, "participant"))")
    }
    let days = late.map { Int(baseline[$0] - date[$0]) }
    return .init(
      .baselineAfterRandomisation, .fail, statistic: Double(late.count), rows: late.map { records.lines[$0] },
      "\(counted(late.count, "participant")) with baseline after randomisation, by \(counted(days.max()!, "day")) at most"
    )
  }
}

/// "1 row", "3 rows".
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
