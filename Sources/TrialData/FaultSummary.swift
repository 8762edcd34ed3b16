/// Problems as a person reads them: each on its line where they are few, and where one kind fills pages its first lines and then
/// where the others are.
///
/// Problems are of one kind where file, column, rule and what was expected are the same, and what was found but for the numbers
/// and values in it. Kinds stand in the order in which each first appears.
struct FaultSummary {
  /// One line a problem or the rest of a kind.
  private(set) var lines: [String] = []
  /// True where some problems share a line.
  private(set) var isAbbreviated = false

  /// How many of a kind are told one by one where there are more than `whole` of them.
  private static let shown = 5
  private static let whole = 8
  /// How many stretches of lines are named.
  private static let stretches = 60

  init(_ problems: [DataProblem]) {
    var place: [Kind: Int] = [:]
    var kinds: [[Int]] = []
    for (index, problem) in problems.enumerated() {
      let kind = Kind(problem, index)
      if let known = place[kind] {
        kinds[known].append(index)
      } else {
        place[kind] = kinds.count
        kinds.append([index])
      }
    }
    isAbbreviated = kinds.contains { $0.count > Self.whole }
    guard isAbbreviated else {
      lines = problems.map(\.description)
      return
    }
    for kind in kinds {
      let count = kind.count > Self.whole ? Self.shown : kind.count
      lines += kind.prefix(count).map { problems[$0].description }
      if count < kind.count { lines.append(Self.rest(kind.dropFirst(count).map { problems[$0] })) }
    }
  }

  /// `FILE:ROW:COLUMN: the same in 312 more lines: 14-326 [rule]`.
  private static func rest(_ problems: [DataProblem]) -> String {
    var rest = problems[0]
    let numbers = problems.compactMap(\.line).sorted()
    var stretches: [ClosedRange<Int>] = []
    for line in numbers {
      if let last = stretches.last, line <= last.upperBound + 1 {
        stretches[stretches.count - 1] = last.lowerBound...line
      } else {
        stretches.append(line...line)
      }
    }
    rest.found = "the same in \(problems.count) more line\(problems.count == 1 ? "" : "s")"
    var texts = stretches.prefix(Self.stretches).map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }
    if stretches.count > Self.stretches { texts.append("… to \(numbers[numbers.count - 1])") }
    let rule = rest.rule.map { " [\($0)]" } ?? ""
    rest.rule = nil
    rest.expected = ""
    // The description without what was expected, which the lines before say.
    return "\(rest.description.dropLast(2)): \(texts.joined(separator: ", "))\(rule)"
  }

  /// What makes problems alike.
  private struct Kind: Hashable {
    private let file: String
    private let column: String?
    private let rule: String?
    private let expected: String
    private let shape: String
    /// Of a problem that is told by itself.
    private let number: Int?

    init(_ problem: DataProblem, _ index: Int) {
      let isRow = problem.line != nil && !problem.isOfWrittenFile
      file = problem.file
      column = problem.column
      rule = problem.rule
      expected = problem.expected
      shape = isRow ? Self.shape(problem.found) : ""
      number = isRow ? nil : index
    }

    /// The words without numbers, without a value in quotation marks and without what stands in brackets.
    private static func shape(_ found: String) -> String {
      var bytes = Array(found.utf8)
      for (open, close) in [(0x27, 0x27), (0x28, 0x29)] as [(UInt8, UInt8)] {
        if let first = bytes.firstIndex(of: open), let last = bytes.lastIndex(of: close), first < last {
          bytes.removeSubrange((first + 1)..<last)
        }
      }
      bytes.removeAll { $0 &- 0x30 < 10 }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
