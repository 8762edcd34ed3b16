import ModelFormula
import TrialData

extension TrialFrames {
  /// Carries out a derivation of the plan that needs no more than the frames.
  ///
  /// - Throws: `DataError` where a name or an expression does not fit the data.
  mutating func derive(_ step: DerivationPlan) throws {
    switch step {
    case .employment(let employment): try derive(employment)
    case .scores(let file): try deriveScores(of: file)
    case .column(let name, let file, let expression, let label):
      let column = try computed(expression, file: file)
      try add(column, name: name, file: file)
      note(name.value, label, column)
    case .atVisit(let name, let file, let source, let visit, let label):
      let column = try value(of: source, in: file, at: visit)
      try add(column, name: name, file: nil)
      note(name.value, label, column)
    case .total(let total):
      let column = try self.total(total)
      try add(column, name: total.name, file: nil)
      note(total.name.value, total.label, column)
    }
  }

  /// Scores the scales that the codebook gives a file.
  private mutating func deriveScores(of file: Placed<String>) throws {
    guard let description = codebook[file.value] else {
      throw fault(
        "found '\(file.value)'",
        expected: DataProblem.expectation(insteadOf: file.value, among: plan.files.map(\.name)),
        at: file.place)
    }
    if description.scales.isEmpty {
      throw fault(
        "no scales of \(description.file)", expected: "'scales' in the codebook expected", at: file.place)
    }
    let isLong = files[file.value] != nil
    let frame = files[file.value]?.frame ?? participants
    for score in try description.scored(frame, file: description.file) {
      try add(score.column, name: Placed(value: score.name, place: file.place), file: isLong ? file : nil)
      note(score.name, Label(score.label), score.column)
    }
  }

  /// Adds a derived column; a name that is taken would silently change another variable.
  mutating func add(_ column: Column, name: Placed<String>, file: Placed<String>?) throws(DataError) {
    let taken =
      file.flatMap { files[$0.value]?.frame[name.value] } ?? (file == nil ? participants[name.value] : nil)
    if taken != nil {
      throw fault(
        "the column '\(name.value)' is there already", expected: "a new name expected", at: name.place)
    }
    if let file { files[file.value]!.frame[name.value] = column } else { participants[name.value] = column }
  }

  private mutating func note(_ name: String, _ label: Label?, _ column: Column) {
    var entry = VariableLabel(name, label ?? Label(name))
    if case .categorical(_, let levels) = column { entry.levels = levels.map { .init($0, Label($0)) } }
    labels[name] = entry
  }

  func longFile(_ name: Placed<String>) throws(DataError) -> LongFile {
    if let long = files[name.value] { return long }
    throw fault(
      "found '\(name.value)'",
      expected: DataProblem.expectation(insteadOf: name.value, among: plan.files.dropFirst().map(\.name)),
      at: name.place)
  }

  private func computed(_ expression: Placed<String>, file: Placed<String>?) throws(DataError) -> Column {
    let frame = try file.map { name throws(DataError) in try longFile(name).frame } ?? participants
    let parsed = try parsed(
      expression, file: file?.value ?? plan.participants.name, expected: "an expression expected")
    do throws(FormulaError) {
      return try frame.computing(parsed)
    } catch {
      throw fault(error.description, expected: "an expression expected", at: expression.place)
    }
  }

  /// Each participant's value at one visit; missing for those not seen then.
  private func value(
    of source: Placed<String>, in file: Placed<String>, at visit: Placed<String>
  ) throws(DataError) -> Column {
    let long = try longFile(file)
    guard let code = long.visits.firstIndex(of: visit.value) else {
      throw fault(
        "no visit '\(visit.value)' in \(file.value)",
        expected: DataProblem.expectation(insteadOf: visit.value, among: long.visits), at: visit.place)
    }
    guard case .categorical(let visits, _)? = long.frame[Self.visitColumn] else { return .numeric([]) }
    let column = try column(source, file: file.value)
    var rowOf = [Int?](repeating: nil, count: participants.rowCount)
    for row in visits.indices where Int(visits[row]) == code { rowOf[long.participant[row]] = row }
    switch column {
    case .numeric(let values): return .numeric(rowOf.map { $0.map { values[$0] } ?? .nan })
    case .categorical(let codes, let levels):
      return .categorical(codes: rowOf.map { $0.map { codes[$0] } ?? Column.missingCode }, levels: levels)
    case .date(let days): return .date(rowOf.map { $0.map { days[$0] } ?? Column.missingDay })
    case .text(let texts): return .text(rowOf.map { $0.flatMap { texts[$0] } })
    }
  }
}
