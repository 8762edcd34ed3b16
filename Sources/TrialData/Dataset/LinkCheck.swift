import ModelFormula

/// Follows the links between files: every row of the one must find its row in the other.
struct LinkCheck {
  /// The rule that its violations carry.
  static let rule = "link"

  let files: [TrialDataset.File]
  let directory: String
  let showValues: Bool

  func violations() -> [(problem: DataProblem, severity: Severity)] {
    var found: [(DataProblem, Severity)] = []
    for file in files {
      for link in file.codebook.links {
        guard let target = files.first(where: { $0.name == link.target || $0.codebook.file == link.target })
        else {
          continue
        }
        found += violations(of: link, from: file, to: target).map { ($0, link.severity) }
      }
    }
    return found
  }

  private func violations(
    of link: CodebookFile.Link, from file: TrialDataset.File, to target: TrialDataset.File
  ) -> [DataProblem] {
    let there = link.targetColumns.isEmpty ? target.codebook.key : link.targetColumns
    let own = link.columns.compactMap { file.frame[$0] }
    let others = there.compactMap { target.frame[$0] }
    guard own.count == link.columns.count, others.count == there.count else { return [] }
    var keys: Set<RowKey> = []
    for row in 0..<target.frame.rowCount { if let key = RowKey(others, row: row) { keys.insert(key) } }
    var problems: [DataProblem] = []
    for row in 0..<file.frame.rowCount {
      guard let key = RowKey(own, row: row), !keys.contains(key) else { continue }
      problems.append(
        DataProblem(
          file: directory.isEmpty || directory.hasSuffix("/")
            ? directory + file.codebook.file : "\(directory)/\(file.codebook.file)",
          line: file.frame.lines?[row],
          column: link.columns.joined(separator: "+"),
          found: "a row without a match in \(target.codebook.file)" + (showValues ? " (\(key))" : ""),
          expected: "a row there with the same \(there.joined(separator: "+")) expected", rule: Self.rule))
      if problems.count == ProblemList.kept { break }
    }
    return problems
  }
}
