import HypothesisTests
import ModelFormula

/// The rows of a test: how many are used, and its variables as samples or tables.
struct HypothesisTestData {
  let frame: ModelFrame
  let formula: String
  private let hasFilter: Bool

  /// Evaluates the request's formula.
  ///
  /// - Throws: `FitRequestError` without a formula or table, `FormulaError` otherwise.
  init(_ request: HypothesisTestRequest, test: String) throws {
    guard let formula = request.formula, let data = request.data else {
      let example = try HypothesisTestCatalogue.entry(test).example
      throw FitRequestError.notEstimable("the test \(test) needs a formula and --data, such as \(example)")
    }
    self.formula = formula
    hasFilter = request.options.filter != nil
    let condition = try request.options.filter.map { try Expression(parsing: $0) }
    frame = try ModelFrame(
      Formula(parsing: formula), data: data, where: condition, weights: request.options.weights)
    try frame.refuse(beyond: [.secondSide], formula)
  }

  /// The report's head: the formula and the counts of rows.
  func report(_ result: TestResult) -> HypothesisTestReport {
    var report = HypothesisTestReport(result: result)
    report.formula = formula
    report.n = frame.rowCount
    report.missing = frame.missingCount
    report.filterMissing = hasFilter ? frame.filterMissingCount : nil
    return report
  }

  /// A report made elsewhere, with this formula and its counts of rows.
  func completed(_ report: HypothesisTestReport) -> HypothesisTestReport {
    let head = self.report(report.result)
    var report = report
    report.formula = head.formula
    report.n = head.n
    report.missing = head.missing
    report.filterMissing = head.filterMissing
    return report
  }

  private func problem(_ message: String) -> FormulaError {
    FormulaError(.unsuitable, message, source: formula)
  }

  /// The name of the response, or of the expression that makes it.
  var responseName: String { frame.formula.response?.text ?? "response" }

  /// A sample with the name of its group.
  struct Sample {
    let name: String
    let values: [Double]
  }

  /// The response split by the groups of the right side, in the order of their levels; one sample for `~ 1`.
  func samples() throws(FormulaError) -> [Sample] {
    try expectParts(1)
    let values = try frame.numericResponse()
    guard let grouping = try frame.parts[0].grouping() else {
      return [Sample(name: responseName, values: values)]
    }
    return zip(grouping.levels, grouping.rowsByGroup).map { level, rows in
      Sample(name: level, values: rows.map { values[$0] })
    }
  }

  /// One sample (`y ~ 1`) or two (`y ~ g`).
  func oneOrTwoSamples() throws(FormulaError) -> [Sample] {
    let found = try samples()
    guard found.count <= 2 else {
      // Many groups are the values of a measurement, which no message shows.
      let names = found.count > 10 ? "" : " (\(found.map(\.name).joined(separator: ", ")))"
      throw problem(
        "there are \(found.count) groups\(names); the test compares two, choose them with --where")
    }
    if found.count == 1, try frame.parts[0].grouping() != nil {
      throw problem("there is only the group \(found[0].name); the test compares two")
    }
    return found
  }

  /// The name of the grouping variable.
  func groupName() throws(FormulaError) -> String? { try frame.parts[0].grouping()?.name }

  /// Response by groups as a table of counts: rows are the response's values, columns the groups.
  ///
  /// - Parameter square: rows and columns take all values that occur in either (McNemar).
  func table(square: Bool = false) throws -> ContingencyTable {
    try expectParts(1)
    let (row, column) = try margins()
    let rows = frame.rowCount
    if square {
      // Sides without a common label, such as yes/no and 1/0, are paired in the order of their levels, as R pairs them.
      if row.labels.count == column.labels.count, !row.labels.contains(where: column.labels.contains) {
        return try tabulate(row, column, Array(0..<rows))
      }
      let labels = Self.union(row.labels, column.labels)
      let place = { (label: String) in labels.firstIndex(of: label)! }
      return try tabulate(
        Margin(codes: row.codes.map { place(row.labels[$0]) }, labels: labels),
        Margin(codes: column.codes.map { place(column.labels[$0]) }, labels: labels), Array(0..<rows))
    }
    return try tabulate(row, column, Array(0..<rows))
  }

  /// One table a stratum, with the strata's names.
  func stratifiedTables() throws -> [(name: String, table: ContingencyTable)] {
    try expectParts(2)
    let (row, column) = try margins()
    guard let strata = try frame.parts[1].grouping() else {
      throw problem("the strata after | must be a variable")
    }
    return try zip(strata.levels, strata.rowsByGroup).map { level, rows in
      (level, try tabulate(row, column, rows))
    }
  }

  /// True where the formula has a second part, the strata.
  var isStratified: Bool { frame.parts.count > 1 }

  private struct Margin {
    let codes: [Int]
    let labels: [String]
  }

  private func margins() throws(FormulaError) -> (row: Margin, column: Margin) {
    guard let grouping = try frame.parts[0].grouping() else {
      throw problem("a table needs a variable for its columns: row ~ column")
    }
    let categories: Column
    switch frame.response {
    case .categorical(let codes, let levels): categories = .categorical(codes: codes, levels: levels)
    case .numeric(let values): categories = Column.numeric(values).asCategorical
    default: throw problem("a table needs one variable for its rows: row ~ column")
    }
    guard case .categorical(let codes, let levels) = categories else {
      throw problem("the rows are no categories")
    }
    let response = Grouping.crossing([
      Grouping(variables: [responseName], codes: codes, values: levels.map { [$0] })
    ])
    return (
      used(response.codes.map(Int.init), response.levels),
      used(grouping.codes.map(Int.init), grouping.levels)
    )
  }

  /// Leaves out labels without rows.
  private func used(_ codes: [Int], _ labels: [String]) -> Margin {
    var seen = [Bool](repeating: false, count: labels.count)
    for code in codes { seen[code] = true }
    let kept = labels.indices.filter { seen[$0] }
    var place = [Int](repeating: 0, count: labels.count)
    for (new, old) in kept.enumerated() { place[old] = new }
    return Margin(codes: codes.map { place[$0] }, labels: kept.map { labels[$0] })
  }

  private func tabulate(_ row: Margin, _ column: Margin, _ rows: [Int]) throws -> ContingencyTable {
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: column.labels.count), count: row.labels.count)
    for i in rows {
      var weight = 1
      if let weights = frame.weights {
        guard weights[i] == weights[i].rounded(), weights[i] < 1e15 else {
          throw problem("--weights of a table must be whole numbers of observations")
        }
        weight = Int(weights[i])
      }
      counts[row.codes[i]][column.codes[i]] += weight
    }
    return try ContingencyTable(counts, rowLabels: row.labels, columnLabels: column.labels)
  }

  private static func union(_ a: [String], _ b: [String]) -> [String] {
    let all = a + b.filter { !a.contains($0) }
    // Numbers in order of size, texts by Unicode scalar, as each side has them.
    if all.allSatisfy({ Double($0) != nil }) { return all.sorted { Double($0)! < Double($1)! } }
    return all.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }

  private func expectParts(_ count: Int) throws(FormulaError) {
    guard frame.parts.count == count else {
      throw problem(
        count == 1
          ? "the test takes no strata after |" : "the test needs strata: row ~ column | stratum")
    }
  }
}
