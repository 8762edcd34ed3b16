/// One thing wrong with an input, and where.
public struct DataProblem: Sendable, Equatable {
  /// The file as the caller named it.
  public var file: String
  /// The line of the file, counted from 1 (the header of a table is line 1); nil for the file as a whole.
  public var line: Int?
  /// The name of the column, or of the key in a codebook; nil for a whole row or file.
  public var column: String?
  /// What was found. Never a person's value: its kind and length at most.
  public var found: String
  /// What was expected instead.
  public var expected: String
  /// The name of the rule that was broken, where one has a name.
  public var rule: String?
  /// True for a fault of a plan or a codebook, which is told by itself however many there are.
  var isOfWrittenFile = false

  public init(
    file: String, line: Int? = nil, column: String? = nil, found: String, expected: String,
    rule: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.found = found
    self.expected = expected
    self.rule = rule
  }
}

extension DataProblem: CustomStringConvertible {
  /// `FILE:ROW:COLUMN: what was found, what was expected`.
  public var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if let column { text += ":\(column)" }
    text += ": \(found), \(expected)"
    if let rule { text += " [\(rule)]" }
    return text
  }
}

/// An input that cannot be used: every problem found in it, in the order of files and lines.
public struct DataError: Error, Sendable, Equatable {
  /// Why the input is refused.
  public enum Kind: Sendable, Equatable {
    /// The input is not there or cannot be read.
    case noSuchInput
    /// The input is there, and wrong.
    case badData
  }

  public var kind: Kind
  public var problems: [DataProblem]
  /// How many further problems there are beyond those kept.
  public var omitted: Int
  /// What deserves a second look in the same input, for a command that says all it found.
  public var warnings: [DataProblem] = []

  public init(_ problems: [DataProblem], kind: Kind = .badData, omitted: Int = 0) {
    self.kind = kind
    self.problems = problems
    self.omitted = omitted
  }

  /// The exit code of the process: 66 for an input that is not there, 65 for bad data.
  public var exitCode: Int32 {
    switch kind {
    case .noSuchInput: 66
    case .badData: 65
    }
  }
}

extension DataError: CustomStringConvertible {
  /// One problem a line; where problems of one kind fill pages, the first of them and the lines of the others.
  public var description: String {
    let summary = FaultSummary(problems)
    var lines = summary.lines
    if omitted > 0 { lines.append("and \(omitted) more") }
    if summary.isAbbreviated { lines.append("\(problems.count + omitted) faults in all") }
    return lines.joined(separator: "\n")
  }
}

extension [DataProblem] {
  /// One line a problem; where problems of one kind fill pages, the first of them and the lines of the others.
  public var lines: [String] { FaultSummary(self).lines }
}

/// Collects problems, keeping the first hundred thousand and counting the rest, so that a file whose every row is wrong is
/// described and not copied.
struct ProblemList: Sendable {
  private(set) var problems: [DataProblem] = []
  private(set) var omitted = 0
  static let kept = 100_000

  var isEmpty: Bool { problems.isEmpty }

  mutating func append(_ problem: @autoclosure () -> DataProblem) {
    if problems.count < Self.kept { problems.append(problem()) } else { omitted += 1 }
  }

  /// By their lines; those of one line, and those of a whole file, in the order in which they were found.
  mutating func sortByLine() {
    let places = problems.indices.sorted { ((problems[$0].line ?? 0), $0) < ((problems[$1].line ?? 0), $1) }
    problems = places.map { problems[$0] }
  }

  mutating func append(contentsOf other: ProblemList) {
    append(contentsOf: other.problems, omitted: other.omitted)
  }

  /// Adds problems, and how many further ones nobody kept.
  mutating func append(contentsOf others: [DataProblem], omitted further: Int) {
    for problem in others { append(problem) }
    omitted += further
  }

  func throwIfAny() throws(DataError) {
    if !problems.isEmpty { throw DataError(problems, omitted: omitted) }
  }
}
