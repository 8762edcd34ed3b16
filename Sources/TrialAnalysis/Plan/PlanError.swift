/// A place in a plan's file.
public struct PlanPosition: Sendable, Equatable {
  /// Counted from 1.
  public var line: Int
  /// Counted from 1.
  public var column: Int
  /// The keys that lead there, such as `analyses[2].covariates`.
  public var path: String

  public init(line: Int, column: Int, path: String) {
    self.line = line
    self.column = column
    self.path = path
  }
}

/// A value of the plan with its place, so that a fault found later can still be pointed at.
public struct Located<Value: Sendable & Equatable>: Sendable, Equatable {
  public var value: Value
  public var position: PlanPosition

  public init(_ value: Value, at position: PlanPosition) {
    self.value = value
    self.position = position
  }
}

/// What is wrong with a plan, every fault with its place.
public struct PlanError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One fault.
  public struct Problem: Sendable, Equatable {
    public var position: PlanPosition
    /// What was found, and what was expected.
    public var message: String

    public init(_ message: String, at position: PlanPosition) {
      self.message = message
      self.position = position
    }
  }

  /// The file's name as given.
  public var file: String
  /// In the order of the file.
  public var problems: [Problem]

  public init(file: String, problems: [Problem]) {
    self.file = file
    self.problems = problems.enumerated().sorted {
      ($0.element.position.line, $0.element.position.column, $0.offset)
        < ($1.element.position.line, $1.element.position.column, $1.offset)
    }.map(\.element)
  }

  /// One line a fault: `FILE:LINE:COLUMN: key: what was found, what was expected`.
  public var description: String {
    problems.map { problem in
      let position = problem.position
      let key = position.path.isEmpty ? "" : position.path + ": "
      return "\(file):\(position.line):\(position.column): \(key)\(problem.message)"
    }.joined(separator: "\n")
  }
}
