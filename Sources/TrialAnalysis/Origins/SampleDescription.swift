import ModelFormula
import Randomisation
import Serialisation

/// Variables of a table described by groups: what `hekta describe` prints, and what a table of characteristics holds.
///
/// Numbers: how many are known and missing, mean, standard deviation (divisor n − 1), median and quartiles, range, how many
/// are zero. Categories: the count and share of each level. With one grouping variable each group is set beside the first by
/// the standardised difference (Austin, Statistics in Medicine 28 (2009), 3083, doi 10.1002/sim.3697), as `tableone` does.
public struct SampleDescription: Sendable {
  /// The definition of a sample quantile by its number in Hyndman & Fan (1996): 2 (SAS), 6 (SPSS) or 7 (R).
  public enum Quantiles: String, Sendable, CaseIterable {
    case type2 = "2"
    case type6 = "6"
    case type7 = "7"
  }

  /// One variable in one group; a group of nil is all rows together.
  public struct Row: Sendable {
    public var variable: String
    /// The levels of the grouping variables, in their order; empty for all rows.
    public var group: [String]
    public var n: Int
    public var missing: Int
    /// Figures by name; of categories the count and share of each level.
    public var figures: [JSONValue.Member]
    public var levels: [(level: String, count: Int, share: Double?)]
  }

  /// A group against the first group.
  public struct Contrast: Sendable {
    public var variable: String
    /// Nil for the variable as a whole.
    public var level: String?
    /// `b - a`.
    public var contrast: String
    public var estimate: Double?
  }

  public private(set) var rows: [Row] = []
  public private(set) var contrasts: [Contrast] = []
  /// The grouping variables.
  public let by: [String]
  private let quantiles: SampleSummary.QuantileType

  /// Describes variables of a table.
  ///
  /// - Parameters:
  ///   - by: the grouping variables; rows that miss one are in the total alone.
  /// - Throws: `FormulaError` for a name that is no column, and for dates and texts.
  public init(
    _ variables: [String], of frame: DataFrame, by: [String] = [], quantiles: Quantiles = .type7
  ) throws(FormulaError) {
    self.by = by
    self.quantiles = SampleSummary.QuantileType(rawValue: quantiles.rawValue)!
    let groups = try Self.groups(by, frame)
    for name in variables {
      let column = try frame.existingColumn(name)
      for group in groups + [(names: [], rows: Array(0..<frame.rowCount))] {
        rows.append(try row(name, column, group))
      }
      if by.count == 1, let first = groups.first {
        for group in groups.dropFirst() { compare(name, column, group, with: first) }
      }
    }
  }

  private typealias Group = (names: [String], rows: [Int])

  /// The combinations of levels that have rows, the first variable varying slowest.
  private static func groups(_ by: [String], _ frame: DataFrame) throws(FormulaError) -> [Group] {
    var groups: [Group] = [(names: [], rows: Array(0..<frame.rowCount))]
    for name in by {
      guard case .categorical(let codes, let levels) = try frame.existingColumn(name).asCategorical else {
        continue
      }
      groups = groups.flatMap { group in
        levels.enumerated().map { code, level in
          (group.names + [level], group.rows.filter { Int(codes[$0]) == code })
        }
      }
    }
    return by.isEmpty ? [] : groups.filter { !$0.rows.isEmpty }
  }

  private func row(_ name: String, _ column: Column, _ group: Group) throws(FormulaError) -> Row {
    let known = group.rows.filter { !column.isMissing(at: $0) }
    var row = Row(
      variable: name, group: group.names, n: known.count, missing: group.rows.count - known.count,
      figures: [], levels: [])
    switch column {
    case .numeric(let values): row.figures = figures(known.map { values[$0] })
    case .categorical(let codes, let levels):
      var counts = [Int](repeating: 0, count: levels.count)
      for i in known { counts[Int(codes[i])] += 1 }
      row.levels = zip(levels, counts).map { level, count in
        (level, count, known.isEmpty ? nil : Double(count) / Double(known.count))
      }
    case .date, .text:
      throw FormulaError(.unsuitable, "`\(name)` holds dates or texts; numbers or categories are described")
    }
    return row
  }

  private func figures(_ values: [Double]) -> [JSONValue.Member] {
    let summary = SampleSummary(values)
    let zeros = summary.zeroCount
    return [
      .init("mean", .number(values.isEmpty ? nil : summary.mean)),
      .init("sd", .number(summary.standardDeviation)),
      .init("median", .number(summary.quantile(0.5, type: quantiles))),
      .init("q1", .number(summary.quantile(0.25, type: quantiles))),
      .init("q3", .number(summary.quantile(0.75, type: quantiles))),
      .init("min", .number(summary.minimum)), .init("max", .number(summary.maximum)),
      .init("sum", .number(Optional(values.sorted().reduce(0, +)))), .init("zeros", .integer(zeros)),
      .init("zeroShare", .number(values.isEmpty ? nil : Double(zeros) / Double(values.count))),
    ]
  }

  private mutating func compare(_ name: String, _ column: Column, _ group: Group, with first: Group) {
    let contrast = "\(group.names[0]) - \(first.names[0])"
    func add(_ level: String?, _ estimate: Double?) {
      contrasts.append(Contrast(variable: name, level: level, contrast: contrast, estimate: estimate))
    }
    let a = group.rows.filter { !column.isMissing(at: $0) }
    let b = first.rows.filter { !column.isMissing(at: $0) }
    switch column {
    case .numeric(let values):
      add(nil, StandardisedDifference.numeric(a.map { values[$0] }, b.map { values[$0] }))
    case .categorical(let codes, let levels):
      func counts(_ rows: [Int]) -> [Int] {
        rows.reduce(into: [Int](repeating: 0, count: levels.count)) { $0[Int(codes[$1])] += 1 }
      }
      let (x, y) = (counts(a), counts(b))
      let shares = levels.indices.map { i in
        StandardisedDifference.binary(Double(x[i]) / Double(a.count), Double(y[i]) / Double(b.count))
      }
      if levels.count == 2 {
        add(nil, shares[1])
      } else {
        add(nil, StandardisedDifference.categorical(x, y))
        for (level, share) in zip(levels, shares) { add(level, share) }
      }
    case .date, .text: break
    }
  }
}

extension SampleDescription {
  /// The description with the names of the groups' variables as members.
  public var json: JSONValue {
    .object([
      .init("by", .strings(by)), .init("quantiles", .string(quantiles.rawValue)),
      .init("rows", .array(rows.map(json))),
      .init(
        "standardisedDifferences",
        .array(
          contrasts.map {
            [
              "variable": .string($0.variable), "level": .string($0.level), "contrast": .string($0.contrast),
              "estimate": .number($0.estimate),
            ]
          })),
    ])
  }

  private func json(_ row: Row) -> JSONValue {
    var members: [JSONValue.Member] = [.init("variable", .string(row.variable))]
    members += by.enumerated().map { i, name in
      .init(name, .string(i < row.group.count ? row.group[i] : nil))
    }
    members += [
      .init("rows", .integer(row.n + row.missing)), .init("n", .integer(row.n)),
      .init("missing", .integer(row.missing)),
    ]
    members += row.figures
    if !row.levels.isEmpty {
      members.append(
        .init(
          "levels",
          .array(
            row.levels.map {
              ["level": .string($0.level), "count": .integer($0.count), "share": .number($0.share)]
            })))
    }
    return .object(members)
  }

  /// The description as a table: one line a variable and group, one more a level.
  public var table: TextTable {
    let names = ["n", "missing", "mean", "sd", "median", "q1", "q3", "min", "max", "zeros"]
    var table = TextTable(header: ["variable"] + by + names)
    for row in rows {
      let group = by.indices.map { $0 < row.group.count ? row.group[$0] : "all" }
      func figure(_ name: String) -> String {
        row.figures.first { $0.name == name }?.value.double.map { NumberText.significant($0) } ?? ""
      }
      table.rows.append(
        [row.variable] + group + [String(row.n), String(row.missing)] + names.dropFirst(2).map(figure))
      for level in row.levels {
        let share = level.share.map { NumberText.fixed($0 * 100, decimals: 1) + "%" } ?? ""
        let blanks = [String](repeating: "", count: names.count - 2)
        table.rows.append(["\(row.variable)=\(level.level)"] + group + [String(level.count), share] + blanks)
      }
    }
    return table
  }

  /// The standardised differences as a table; nil where there are none.
  public var contrastTable: TextTable? {
    guard !contrasts.isEmpty else { return nil }
    return TextTable(
      header: ["variable", "contrast", "standardised difference"],
      rows: contrasts.map { contrast in
        [
          contrast.variable + (contrast.level.map { "=" + $0 } ?? ""), contrast.contrast,
          contrast.estimate.map { NumberText.significant($0) } ?? "NA",
        ]
      })
  }
}
