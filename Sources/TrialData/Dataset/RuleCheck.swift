import ModelFormula

/// A rule between the columns of a row.
public struct CodebookRule: Sendable, Equatable {
  /// The name that violations carry.
  public var name: String
  /// What must hold in every row; a row where it is missing obeys.
  public var check: Expression
  public var severity: Severity
  /// What the rule says, in words.
  public var label: Wording?
}

/// Checks the rules of a file in every row.
struct RuleCheck {
  let frame: DataFrame
  let path: String

  /// The rows that break a rule.
  func violations(of rule: CodebookRule) -> [DataProblem] {
    let column = rule.check.names.joined(separator: ", ")
    let truth: [Double]
    do {
      truth = try frame.truth(of: rule.check)
    } catch {
      return [
        DataProblem(
          file: path, line: 1, column: column, found: "a rule that cannot be computed: \(error.description)",
          expected: "columns of suitable types expected", rule: rule.name)
      ]
    }
    return truth.indices.filter { truth[$0] == 0 }.map { row in
      DataProblem(
        file: path, line: frame.lines?[row], column: column,
        found: "a row that breaks the rule", expected: "\(rule.label?.english ?? rule.check.text) expected",
        rule: rule.name)
    }
  }
}
