import ModelFormula
import TrialData

/// Makes the frames that analyses read from checked files: arms, visits, joins.
struct FramesBuilder {
  let plan: Plan
  /// The files by the plan's names.
  let files: [String: DataFrame]
  let labels: [String: VariableLabel]
  /// What the codebook says of each file, by the plan's name for it.
  let codebook: [String: CodebookFile]

  /// Builds the frames without derived columns and without analysis sets.
  ///
  /// - Throws: `DataError` for names that do not fit the data, `DataError` for rows that do not fit the plan.
  func frames() throws -> TrialFrames {
    var participants = files[plan.participants.name]!
    participants[TrialFrames.armColumn] = try armColumn(participants)
    let keys = try rowsOfKeys(participants)
    var long: [String: TrialFrames.LongFile] = [:]
    var unlinked: [String: DataFrame] = [:]
    for file in plan.files.dropFirst() {
      guard let frame = files[file.name] else { continue }
      guard file.isLinked else {
        unlinked[file.name] = frame
        continue
      }
      long[file.name] = try longFile(file, frame, keys: keys, participants: participants)
    }
    var frames = TrialFrames(
      plan: plan, participants: participants, files: long, labels: labels, codebook: codebook)
    frames.unlinked = unlinked
    frames.labels[TrialFrames.armColumn] = VariableLabel(
      TrialFrames.armColumn, plan.arms.label,
      levels: plan.arms.arms.map { .init($0.code.value, $0.label) })
    if let visits = plan.files.compactMap(\.visits).first {
      frames.labels[TrialFrames.visitColumn] = visitLabel(visits, files: long)
    }
    return frames
  }

  // MARK: Participants

  private func armColumn(_ frame: DataFrame) throws -> Column {
    let name = plan.arms.column
    if name.value != TrialFrames.armColumn, frame[TrialFrames.armColumn] != nil {
      throw fault(
        "another column '\(TrialFrames.armColumn)'", expected: "that name for the arm alone expected",
        at: name)
    }
    let codes = plan.arms.arms.map(\.code.value)
    if case .categorical(let found, let levels)? = frame[name.value] {
      let places = levels.map { level in codes.firstIndex(of: level).map { Int32($0) } }
      if found.allSatisfy({ $0 >= 0 && places[Int($0)] != nil }) {
        return .categorical(codes: found.map { places[Int($0)]! }, levels: codes)
      }
    }
    let texts = try keyTexts(name, in: frame, of: plan.participants)
    var problems: [DataProblem] = []
    for (row, text) in texts.enumerated() where text.map({ !codes.contains($0) }) ?? true {
      problems.append(
        DataProblem(
          file: plan.participants.file.value, line: frame.lines?[row], column: name.value,
          found: text == nil ? "no arm" : "an arm the plan does not have",
          expected: "one of \(codes.joined(separator: ", ")) expected", rule: "arm"))
    }
    if !problems.isEmpty { throw DataError(problems) }
    return .categorical(texts, levels: codes)
  }

  /// The row of each key, of which there must be one in every row.
  private func rowsOfKeys(_ frame: DataFrame) throws -> ParticipantKeys {
    let file = plan.participants
    let texts = try keyTexts(file.key, in: frame, of: file)
    let keys = ParticipantKeys(texts)
    let problems = keys.faultyRows.map { row in
      DataProblem(
        file: file.file.value, line: frame.lines?[row], column: file.key.value,
        found: texts[row] == nil ? "no key" : "the key of an earlier row",
        expected: "one row a participant expected", rule: "key")
    }
    if !problems.isEmpty { throw DataError(problems) }
    return keys
  }

  // MARK: Further files

  private func longFile(
    _ file: DataFilePlan, _ frame: DataFrame, keys: ParticipantKeys, participants: DataFrame
  ) throws -> TrialFrames.LongFile {
    let texts = try keyTexts(file.key, in: frame, of: file)
    var problems: [DataProblem] = []
    var participant: [Int] = []
    participant.reserveCapacity(texts.count)
    for (row, text) in texts.enumerated() {
      if let place = text.flatMap({ keys.row(of: $0, near: participant.last ?? 0) }) {
        participant.append(place)
      } else {
        problems.append(
          DataProblem(
            file: file.file.value, line: frame.lines?[row], column: file.key.value,
            found: text == nil ? "no key" : "a key that no participant has",
            expected: "a participant of \(plan.participants.file.value) expected", rule: "link"))
      }
    }
    if !problems.isEmpty { throw DataError(problems) }
    var frame = frame
    if frame[TrialFrames.armColumn] != nil {
      throw fault(
        "a column '\(TrialFrames.armColumn)' in \(file.file.value)",
        expected: "that name for the participants' arm alone expected", at: file.file)
    }
    frame[TrialFrames.armColumn] = participants[TrialFrames.armColumn]!.selecting(rows: participant)
    var levels: [String] = []
    if let visits = file.visits {
      guard let column = frame[visits.column.value] else { throw unknown(visits.column, in: frame, of: file) }
      if visits.column.value != TrialFrames.visitColumn, frame[TrialFrames.visitColumn] != nil {
        throw fault(
          "another column '\(TrialFrames.visitColumn)' in \(file.file.value)",
          expected: "that name for the visit alone expected", at: visits.column)
      }
      let categories = column.asCategorical
      frame[TrialFrames.visitColumn] = categories
      if case .categorical(_, let names) = categories { levels = names }
    }
    return TrialFrames.LongFile(frame: frame, participant: participant, visits: levels)
  }

  private func visitLabel(
    _ visits: DataFilePlan.Visits, files: [String: TrialFrames.LongFile]
  ) -> VariableLabel {
    let codes = plan.files.compactMap { files[$0.name]?.visits }.flatMap { $0 }.distinct
    let levels = codes.map { code in
      VariableLabel.Level(
        code, visits.labels.first { $0.name.value == code }?.label ?? Label(code))
    }
    return VariableLabel(
      TrialFrames.visitColumn, Label("Visit", nb: "Besøk"), unit: visits.unit, levels: levels)
  }

  // MARK: Keys

  /// A column's values as texts, whatever its type; nil where missing.
  private func keyTexts(_ name: Placed<String>, in frame: DataFrame, of file: DataFilePlan) throws
    -> [String?]
  {
    guard let column = frame[name.value] else { throw unknown(name, in: frame, of: file) }
    switch column {
    case .text(let texts): return texts
    case .categorical(let codes, let levels): return codes.map { $0 < 0 ? nil : levels[Int($0)] }
    case .numeric(let values): return values.map { $0.isNaN ? nil : numberText($0) }
    case .date(let days): return days.map { $0 == Column.missingDay ? nil : String($0) }
    }
  }

  private func unknown(_ name: Placed<String>, in frame: DataFrame, of file: DataFilePlan) -> DataError {
    fault(
      "no column '\(name.value)' in \(file.file.value)",
      expected: DataProblem.expectation(insteadOf: name.value, among: frame.names), at: name)
  }

  private func fault(_ found: String, expected: String, at name: Placed<String>) -> DataError {
    DataError([DataProblem(file: plan.file, place: name.place, found: found, expected: expected)])
  }
}
