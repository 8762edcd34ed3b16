import ModelFormula

extension TrialDataset {
  /// A file's contents in memory, as texts.
  public struct Table: Sendable {
    /// The file's name, as the codebook has it.
    public var file: String
    public var header: [String]
    /// Each as long as the header.
    public var rows: [[String]]

    public init(file: String, header: [String], rows: [[String]]) {
      self.file = file
      self.header = header
      self.rows = rows
    }
  }

  /// Types tables as the codebook describes their files; for data that a program made and no person is behind, so that
  /// keys, links and the rules between columns are not checked and nothing is screened.
  ///
  /// - Throws: `DataError` for a table that the codebook does not have, a declared column that a table lacks, and values of
  ///   another type.
  public init(codebook: Codebook, tables: [Table]) throws(DataError) {
    self.codebook = codebook
    files = []
    warnings = []
    for table in tables {
      guard let description = codebook[table.file] else {
        throw DataError([
          DataProblem(
            file: codebook.file, found: "no file '\(table.file)'",
            expected: DataProblem.expectation(
              insteadOf: table.file, among: codebook.files.map(\.file)))
        ])
      }
      files.append(try File(description, table))
    }
  }
}

extension TrialDataset.File {
  fileprivate init(_ description: CodebookFile, _ table: TrialDataset.Table) throws(DataError) {
    let lines = Array(2..<(table.rows.count + 2))
    var frame = DataFrame([], rowCount: table.rows.count, lines: lines)
    for column in description.columns {
      guard let position = table.header.firstIndex(of: column.name) else {
        if column.isOptional { continue }
        throw DataError([
          DataProblem(
            file: table.file, line: 1, column: column.name, found: "no such column",
            expected: "a column that the codebook declares expected")
        ])
      }
      var codeOf: [String: Int32] = [:]
      var texts: [String] = []
      let codes = table.rows.map { row -> Int32 in
        if let code = codeOf[row[position]] { return code }
        let code = Int32(texts.count)
        codeOf[row[position]] = code
        texts.append(row[position])
        return code
      }
      var typing = DeclaredColumn(
        column: column, codes: codes, texts: texts, lines: lines, path: table.file,
        delimiter: .comma, showValues: false)
      frame[column.name] = typing.values()
      try typing.problems.throwIfAny()
    }
    self.init(
      codebook: description, frame: frame,
      provenance: TrialDataset.Provenance(
        file: description.file, sha256: "", rows: table.rows.count,
        encoding: EncodingEvidence(
          encoding: .utf8, hasByteOrderMark: false, reason: "made in memory", lines: []),
        delimiter: .comma),
      missing: [:])
  }
}
