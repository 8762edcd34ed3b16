import HypothesisTests
import Serialisation

/// What `hekta test` prints: the result, the rows or counts it rests on, and whatever else the test has to say.
public struct HypothesisTestReport: Sendable {
  /// A sample's size and location.
  public struct SampleSummary: Sendable, Equatable {
    public let name: String
    public let n: Int
    public let mean: Double
    /// Nil for a single value.
    public let sd: Double?
    public let median: Double

    init(name: String, values: [Double]) {
      self.name = name
      n = values.count
      let sum = values.reduce(0, +)
      let mean = sum / Double(values.count)
      self.mean = mean
      sd =
        values.count > 1
        ? (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot() : nil
      let sorted = values.sorted()
      let half = sorted.count / 2
      median = sorted.count % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half])
    }
  }

  /// The test's outcome.
  public var result: TestResult
  public var formula: String?
  /// Observations used; nil where the test is about none (a power calculation).
  public var n: Int?
  /// Rows dropped for missing values.
  public var missing: Int?
  /// Rows for which the filter is itself missing.
  public var filterMissing: Int?
  public var groupVariable: String?
  /// The variable of a table's rows.
  public var rowVariable: String?
  public var samples: [SampleSummary] = []
  /// The table, or one a stratum with its name.
  public var tables: [(name: String?, table: ContingencyTable)] = []
  /// Names and choices of conventions that other software makes otherwise.
  public var conventions: [(name: String, choice: String)] = []
  /// Further members of the JSON object, in order; tables of rows are printed as text too.
  public var sections: [JSONValue.Member] = []
  /// The rows of the CSV form, where the result is more than one row.
  public var csvRows: [JSONValue] = []
  /// Lines that say it in words, printed in place of the result's own lines where there are any.
  public var lines: [String] = []
  /// The same numbers under other conventions, where they were asked for.
  public var comparison: ConventionComparison?
  /// False where there is no hypothesis, only an interval or a calculation.
  public var hasTest = true

  init(result: TestResult) { self.result = result }

  /// The notes of the result, and what its infinite or absent numbers mean.
  public var warnings: [String] {
    var warnings = result.notes
    if let estimate = result.estimate, !estimate.isFinite {
      warnings.append(
        "the estimate is \(estimate.isNaN ? "undefined" : estimate > 0 ? "infinite" : "minus infinity")")
    }
    return warnings
  }

  /// The report in the contract's envelope; infinite limits are null.
  public var json: JSONValue {
    var members: [JSONValue.Member] = [.init("test", .string(result.test))]
    if let formula { members.append(.init("formula", .string(formula))) }
    if let n { members.append(.init("n", .integer(n))) }
    if let missing { members.append(.init("nMissing", .integer(missing))) }
    if let filterMissing { members.append(.init("nFiltered", .integer(filterMissing))) }
    if hasTest {
      members += [
        .init("statistic", .number(result.statistic)), .init("df", .number(result.df)),
        .init("p.value", .number(result.pValue)),
      ]
      members.append(.init("estimate", .number(result.estimate)))
      members += [.init("conf.low", .number(result.low)), .init("conf.high", .number(result.high))]
      if let level = result.level { members.append(.init("conf.level", .number(level))) }
      if let parameter = result.parameter { members.append(.init("parameter", .string(parameter))) }
      if let alternative = result.alternative {
        members.append(.init("alternative", .string(alternative.rawValue)))
      }
      if let null = result.null { members.append(.init("null.value", .number(null))) }
    }
    members.append(.init("method", .string(result.method)))
    if !samples.isEmpty { members.append(.init("groups", .array(samples.map(Self.json)))) }
    if let first = tables.first, tables.count == 1, first.name == nil {
      members.append(.init("table", Self.json(first.table)))
    } else if !tables.isEmpty {
      members.append(
        .init(
          "strata",
          .array(
            tables.map { entry in
              .object([.init("stratum", .string(entry.name)), .init("table", Self.json(entry.table))])
            })))
    }
    members += sections
    if !conventions.isEmpty {
      members.append(.init("conventions", .object(conventions.map { .init($0.name, .string($0.choice)) })))
    }
    members.append(.init("warnings", .strings(warnings)))
    if let comparison { members.append(.init("also", comparison.json)) }
    return .object(members)
  }

  private static func json(_ sample: SampleSummary) -> JSONValue {
    .object([
      .init("group", .string(sample.name)), .init("n", .integer(sample.n)),
      .init("mean", .number(Optional(sample.mean))), .init("sd", .number(sample.sd)),
      .init("median", .number(Optional(sample.median))),
    ])
  }

  private static func json(_ table: ContingencyTable) -> JSONValue {
    .object([
      .init("rows", .strings(table.rowLabels)), .init("columns", .strings(table.columnLabels)),
      .init("counts", .array(table.counts.map { .array($0.map { .integer($0) }) })),
    ])
  }
}
