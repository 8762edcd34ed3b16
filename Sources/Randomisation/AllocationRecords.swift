import ModelFormula

/// The rows of a trial's file as they stand, before anything is taken for granted.
public struct AllocationRecords: Sendable {
  /// A named column.
  public struct Variable: Sendable {
    public let name: String
    public let column: Column

    public init(_ name: String, _ column: Column) {
      self.name = name
      self.column = column
    }
  }

  /// The participant of each row; nil where the field is empty.
  public var ids: [String?]
  /// The arm as entered.
  public var arms: [String?]
  /// The line of the file that each row starts on.
  public var lines: [Int]
  /// The factors of the strata.
  public var strata: [Variable] = []
  /// The date of randomisation, as a day number; nil where there is no such column, `Column.missingDay` where it is empty.
  public var date: [Int32]?
  /// The date of the baseline measurement.
  public var baselineDate: [Int32]?
  /// What the rows are to be ordered by; NaN where empty.
  public var order: [Double]?
  public var baseline: [Variable] = []
  public var outcomes: [Variable] = []
  /// Outcomes whose differences between the arms are tested under draws of the design: numbers, or 0 and 1.
  public var effects: [Variable] = []
  /// Prognostic factors of minimisation.
  public var minimisation: [Variable] = []

  public init(ids: [String?], arms: [String?], lines: [Int]) {
    precondition(ids.count == arms.count && ids.count == lines.count, "one id, arm and line a row")
    self.ids = ids
    self.arms = arms
    self.lines = lines
  }

  /// The number of rows.
  public var count: Int { ids.count }

  /// The chosen rows.
  public func selecting(rows: [Int]) -> AllocationRecords {
    func chosen(_ variables: [Variable]) -> [Variable] {
      variables.map { Variable($0.name, $0.column.selecting(rows: rows)) }
    }
    var part = AllocationRecords(
      ids: rows.map { ids[$0] }, arms: rows.map { arms[$0] }, lines: rows.map { lines[$0] })
    part.strata = chosen(strata)
    part.baseline = chosen(baseline)
    part.outcomes = chosen(outcomes)
    part.effects = chosen(effects)
    part.minimisation = chosen(minimisation)
    part.date = date.map { days in rows.map { days[$0] } }
    part.baselineDate = baselineDate.map { days in rows.map { days[$0] } }
    part.order = order.map { places in rows.map { places[$0] } }
    return part
  }

  /// The stratum of a row: its levels of the factors, joined.
  func stratum(_ row: Int) -> String { Self.stratum(row, of: strata.map(\.column)) }

  /// The stratum of a row by the factors' columns.
  public static func stratum(_ row: Int, of factors: [Column]) -> String {
    factors.map { text($0, row) ?? "(missing)" }.joined(separator: " / ")
  }

  /// A value as a text, nil where missing.
  public static func text(_ column: Column, _ row: Int) -> String? {
    if column.isMissing(at: row) { return nil }
    switch column {
    case .categorical(let codes, let levels): return levels[Int(codes[row])]
    case .text(let texts): return texts[row]
    case .date(let days): return CalendarDay(number: days[row]).iso
    case .numeric(let values): return numberText(values[row])
    }
  }

  /// The levels of a variable as numbers from 0, in the order of their texts; −1 where missing.
  static func levels(_ column: Column, rows: [Int]) -> [Int] {
    let texts = rows.map { text(column, $0) }
    let names = Set(texts.compactMap { $0 }).sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    var place: [String: Int] = [:]
    for (i, name) in names.enumerated() { place[name] = i }
    return texts.map { $0.flatMap { place[$0] } ?? -1 }
  }
}
