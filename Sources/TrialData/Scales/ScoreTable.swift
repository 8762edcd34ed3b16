import ModelFormula
import Serialisation

/// A file with the columns of its scales added: the output of `hekta derive scores`.
public struct ScoreTable: Sendable {
  private let names: [String]
  private let texts: [CodedTexts]
  public let scores: [ScoredColumn]
  /// What in the file deserves a second look.
  public let warnings: [DataProblem]

  /// Reads, checks and scores a file.
  ///
  /// - Throws: `DataError` with every breach of the codebook, or where the codebook has no scales for the file.
  public init(path: String, codebook: Codebook, showValues: Bool = false) throws(DataError) {
    let description = try codebook.description(ofFileAt: path)
    guard !description.scales.isEmpty else {
      throw DataError([
        DataProblem(
          file: codebook.file, found: "no scales for '\(description.file)'",
          expected: "a list under 'scales' of that file expected")
      ])
    }
    let (file, warnings) = try TrialDataset.load(path: path, description: description, showValues: showValues)
    scores = try description.scored(file.frame, file: path, showValues: showValues)
    self.warnings = warnings
    let source = try DelimitedFile(path: path, options: description.reading)
    let scan = try TableScan.run(
      source, source.names.indices.map { ColumnRequest(position: $0, kind: .text) })
    names = source.names
    texts = scan.columns.map { CodedTexts(codes: $0.texts.codes, dictionary: $0.texts.dictionary) }
  }

  private var rowCount: Int { texts.first?.count ?? 0 }

  /// The file's own columns as written, then the scores; what does not exist is `NA`.
  public var csv: [UInt8] {
    var writer = CSVWriter()
    writer.row(names + scores.map(\.name))
    for row in 0..<rowCount {
      for column in texts { column.withBytes(at: row) { writer.field($0) } }
      for score in scores { writer.field(score.column, row: row) }
      writer.endRow()
    }
    return writer.bytes
  }

  /// A JSON array of one object a row.
  public var json: JSONValue {
    let own = texts.map(\.json)
    return .array(
      (0..<rowCount).map { row in
        .object(
          zip(names, own).map { JSONValue.Member($0, $1[row]) }
            + scores.map { JSONValue.Member($0.name, $0.column.json(at: row)) })
      })
  }
}

extension CSVWriter {
  /// Writes one value of a column; a missing one as `NA`.
  mutating func field(_ column: Column, row: Int) {
    if column.isMissing(at: row) { return field("NA") }
    switch column {
    case .numeric(let values): field(values[row])
    case .categorical(let codes, let levels): field(levels[Int(codes[row])])
    case .date(let days): field(CalendarDay(number: days[row]).iso)
    case .text(let texts): field(texts[row] ?? "NA")
    }
  }
}

extension Column {
  /// One value; null where it is missing.
  func json(at row: Int) -> JSONValue {
    if isMissing(at: row) { return .null }
    return switch self {
    case .numeric(let values): .number(Optional(values[row]))
    case .categorical(let codes, let levels): .string(levels[Int(codes[row])])
    case .date(let days): .string(CalendarDay(number: days[row]).iso)
    case .text(let texts): .string(texts[row])
    }
  }
}
