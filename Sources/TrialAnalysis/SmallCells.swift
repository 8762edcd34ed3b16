/// Marks records that would disclose a count below the plan's floor.
///
/// Primary: a count above zero and below the floor, and every number that reveals it (the share, the risk and its
/// comparisons). Secondary: in a row of the arms and in a column of a variable's levels, totals are known or can be added
/// up, so a single hidden count could be had by subtraction; the smallest of the others is then hidden too (Hundepool et
/// al., Statistical Disclosure Control, 2012, chapter 4). A count of zero hides nobody and is shown, unless it is the only
/// one left to hide a neighbour behind.
struct SmallCells {
  let floor: Int

  /// Marks the records of an analysis.
  func mark(_ results: inout [Result]) {
    guard floor > 1 else { return }
    var tables: [String: [Int]] = [:]
    var order: [String] = []
    for (i, record) in results.enumerated() where record.measure == .count || record.measure == .risk {
      let key = Self.tableKey(record)
      if tables[key] == nil { order.append(key) }
      tables[key, default: []].append(i)
    }
    for key in order { markTable(tables[key]!, &results) }
    markDependents(&results)
  }

  /// Records whose counts add up to one another: one variable's levels, or the counts under one term.
  private static func tableKey(_ record: Result) -> String {
    let term = record.term ?? ""
    let stem = term.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)[0]
    return "\(record.variant ?? "")/\(record.measure.rawValue)/\(stem)"
  }

  private func counts(_ record: Result) -> [Int] {
    if record.measure == .risk {
      guard let events = record.events, let n = record.n else { return [] }
      return [events, n - events]
    }
    return record.estimate.map { [Int($0)] } ?? []
  }

  private func isSmall(_ record: Result) -> Bool {
    counts(record).contains { $0 > 0 && $0 < floor }
  }

  /// Hides small counts of one table, then more until no line has exactly one hidden.
  private func markTable(_ cells: [Int], _ results: inout [Result]) {
    for i in cells where isSmall(results[i]) { results[i].isSuppressed = true }
    guard results[cells[0]].measure == .count else { return }
    var changed = true
    while changed {
      changed = false
      for line in lines(cells, results) {
        let hidden = line.filter { results[$0].isSuppressed }
        guard hidden.count == 1, line.count > 1 else { continue }
        let open = line.filter { !results[$0].isSuppressed }
        let next = open.min { a, b in
          // Zeros last: hiding them protects least and costs as much.
          let (x, y) = (results[a].estimate ?? 0, results[b].estimate ?? 0)
          return (x == 0 ? 1 : 0, x, a) < (y == 0 ? 1 : 0, y, b)
        }
        if let next {
          results[next].isSuppressed = true
          changed = true
        }
      }
    }
  }

  /// The lines along which counts add up: one term across the groups, and one group down the terms.
  private func lines(_ cells: [Int], _ results: [Result]) -> [[Int]] {
    var rows: [String: [Int]] = [:]
    var columns: [String: [Int]] = [:]
    var rowOrder: [String] = []
    var columnOrder: [String] = []
    for i in cells {
      let term = (results[i].term ?? "") + "@" + (results[i].time.map { $0.description } ?? "")
      let group = results[i].group ?? ""
      if rows[term] == nil { rowOrder.append(term) }
      if columns[group] == nil { columnOrder.append(group) }
      rows[term, default: []].append(i)
      columns[group, default: []].append(i)
    }
    return rowOrder.map { rows[$0]! } + columnOrder.map { columns[$0]! }
  }

  /// Hides numbers that reveal a hidden count: shares of it, and comparisons of risks of which one is hidden.
  private func markDependents(_ results: inout [Result]) {
    var hidden: Set<String> = []
    var variants: Set<String> = []
    for record in results where record.isSuppressed {
      hidden.insert("\(record.variant ?? "")/\(record.group ?? "")/\(record.term ?? "")")
      if record.measure == .risk { variants.insert(record.variant ?? "") }
    }
    let comparisons: Set<Result.Measure> = [
      .riskDifference, .riskRatio, .oddsRatio, .numberNeededToTreat, .risk,
    ]
    for i in results.indices {
      let key = "\(results[i].variant ?? "")/\(results[i].group ?? "")/\(results[i].term ?? "")"
      if results[i].measure == .share, hidden.contains(key) { results[i].isSuppressed = true }
      if comparisons.contains(results[i].measure), variants.contains(results[i].variant ?? "") {
        results[i].isSuppressed = true
      }
    }
  }
}
