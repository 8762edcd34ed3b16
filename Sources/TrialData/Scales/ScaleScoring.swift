import ModelFormula

/// One column that scoring a scale makes.
public struct ScoredColumn: Sendable {
  public var name: String
  public var column: Column
  public var label: Wording
}

extension Scale {
  /// Scores a table.
  ///
  /// The columns are the score under the scale's name (for a profile a text), `_answered` with the number of answered items,
  /// `_band` where the scale has bands, one of 0 and 1 a cut-off, one with the sum of each part (missing where one of its items
  /// is unanswered), and `_vas`.
  ///
  /// - Parameters:
  ///   - frame: its item columns numeric, or categorical with numbers as levels.
  ///   - file: the name for messages.
  /// - Throws: `DataError` with every answer that an item does not allow, and every column that the scale makes but the table
  ///   has.
  public func scored(_ frame: DataFrame, file: String, showValues: Bool = false) throws(DataError)
    -> [ScoredColumn]
  {
    var problems = ProblemList()
    let answers = items.map { item in
      self.answers(frame, item.column, allowed: item.answers, file: file, showValues: showValues, &problems)
    }
    var analogue: [Double]?
    if let visualAnalogue {
      analogue = self.answers(
        frame, visualAnalogue, allowed: .whole(0...100), file: file, showValues: showValues, &problems)
    }
    noteUnknownSexes(frame, file: file, showValues: showValues, &problems)
    var columns = try scoreColumns(answers, frame, file: file)
    if let analogue {
      columns.append(
        ScoredColumn(
          name: "\(name)_vas", column: .numeric(analogue),
          label: Wording("\(label.english): VAS", nb: "\(label.norwegian): VAS")))
    }
    for column in columns where frame[column.name] != nil {
      problems.append(
        DataProblem(
          file: file, line: 1, column: column.name, found: "a column that the scale '\(name)' makes",
          expected: "another name expected"))
    }
    try problems.throwIfAny()
    return columns
  }

  private func scoreColumns(
    _ answers: [[Double]], _ frame: DataFrame, file: String
  ) throws(DataError) -> [ScoredColumn] {
    let rows = frame.rowCount
    let answered = (0..<rows).map { row in Double(answers.count { !$0[row].isNaN }) }
    var columns: [ScoredColumn] = []
    if method == .profile {
      let profiles = (0..<rows).map { row -> String? in
        guard Int(answered[row]) == items.count else { return nil }
        return answers.map { NumberWriter.text($0[row]) }.joined()
      }
      columns.append(ScoredColumn(name: name, column: .text(profiles), label: label))
    }
    columns.append(
      ScoredColumn(
        name: "\(name)_answered", column: .numeric(answered),
        label: Wording("\(label.english): items answered", nb: "\(label.norwegian): besvarte ledd")))
    if method == .profile { return columns }
    let scores = (0..<rows).map { row in score(answers.map { $0[row] }) }
    columns.insert(
      ScoredColumn(name: name, column: .numeric(scores.map { $0 ?? .nan }), label: label), at: 0)
    if !bands.isEmpty {
      let codes = scores.map { $0.flatMap(band).map(Int32.init) ?? Column.missingCode }
      columns.append(
        ScoredColumn(
          name: "\(name)_band", column: .categorical(codes: codes, levels: bands.map(\.label.english)),
          label: Wording("\(label.english): band", nb: "\(label.norwegian): nivå")))
    }
    for cutOff in cutOffs {
      let limits = try limits(cutOff, frame, file: file)
      let values = zip(scores, limits).map { score, limit -> Double in
        guard let score, !limit.isNaN else { return .nan }
        return Self.reaches(score, limit) ? 1 : 0
      }
      columns.append(
        ScoredColumn(name: "\(name)_\(cutOff.name)", column: .numeric(values), label: cutOff.label))
    }
    for part in parts {
      let sums = (0..<rows).map { row in score(answers.map { $0[row] }, of: part) ?? .nan }
      columns.append(
        ScoredColumn(name: "\(name)_\(part.name)", column: .numeric(sums), label: part.label))
    }
    return columns
  }

  /// Notes every text that is neither women's nor men's in a column without declared levels; a third level that the codebook
  /// declares has no limit of its own.
  private func noteUnknownSexes(
    _ frame: DataFrame, file: String, showValues: Bool, _ problems: inout ProblemList
  ) {
    guard let sex, let column = frame[sex.column] else { return }
    if case .categorical = column { return }
    for (row, text) in column.texts.enumerated() {
      guard let text, text != sex.women, text != sex.men else { continue }
      problems.append(
        DataProblem(
          file: file, line: frame.lines?[row], column: sex.column,
          found: showValues ? "'\(text)'" : "a value that is neither sex's",
          expected: "'\(sex.women)' or '\(sex.men)' expected", rule: name))
    }
  }

  /// The limit that holds for each row; NaN where sex is missing or of another level.
  private func limits(_ cutOff: CutOff, _ frame: DataFrame, file: String) throws(DataError) -> [Double] {
    switch cutOff.limit {
    case .all(let limit): return Array(repeating: limit, count: frame.rowCount)
    case .bySex(let women, let men):
      guard let sex, let column = frame[sex.column] else {
        throw absent(sex?.column ?? "sex", frame, file: file)
      }
      return column.texts.map { $0 == sex.women ? women : $0 == sex.men ? men : .nan }
    }
  }

  private func absent(_ column: String, _ frame: DataFrame, file: String) -> DataError {
    let near = frame.nearestNames(to: column).map { "'\($0)'" }.joined(separator: " or ")
    return DataError([
      DataProblem(
        file: file, line: 1, column: column, found: "no such column",
        expected: near.isEmpty ? "a column of the scale '\(name)' expected" : "\(near) expected", rule: name)
    ])
  }

  /// The answers to one item, those that it does not allow noted.
  private func answers(
    _ frame: DataFrame, _ column: String, allowed: Answers, file: String, showValues: Bool,
    _ problems: inout ProblemList
  ) -> [Double] {
    guard let values = frame[column] else {
      problems.append(absent(column, frame, file: file).problems[0])
      return Array(repeating: .nan, count: frame.rowCount)
    }
    var answers = Array(repeating: Double.nan, count: frame.rowCount)
    for (row, text) in values.texts.enumerated() {
      guard let text else { continue }
      if let value = DecimalNumber.parse(text, mark: .point), allowed.allow(value) {
        answers[row] = value
        continue
      }
      problems.append(
        DataProblem(
          file: file, line: frame.lines?[row], column: column,
          found: showValues ? "'\(text)'" : "an answer that the item does not allow",
          expected: "\(allowed.text) expected", rule: name))
    }
    return answers
  }
}

extension Column {
  /// The values as texts: numbers with a point, levels, ISO dates; nil where missing.
  var texts: [String?] {
    switch self {
    case .numeric(let values): values.map { $0.isNaN ? nil : NumberWriter.text($0) }
    case .categorical(let codes, let levels): codes.map { $0 < 0 ? nil : levels[Int($0)] }
    case .date(let days): days.map { $0 == Column.missingDay ? nil : CalendarDay(number: $0).iso }
    case .text(let texts): texts
    }
  }
}

extension CodebookFile {
  /// The columns of all the file's scales; see `Scale.scored(_:file:showValues:)`.
  public func scored(_ frame: DataFrame, file: String, showValues: Bool = false) throws(DataError)
    -> [ScoredColumn]
  {
    var columns: [ScoredColumn] = []
    var problems: [DataProblem] = []
    var omitted = 0
    for scale in scales {
      do {
        columns += try scale.scored(frame, file: file, showValues: showValues)
      } catch {
        problems += error.problems
        omitted += error.omitted
      }
    }
    if !problems.isEmpty { throw DataError(problems, omitted: omitted) }
    return columns
  }
}
