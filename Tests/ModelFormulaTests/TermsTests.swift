import ModelFormula
import Testing

@Suite("Terms")
struct TermsTests {
  private func terms(_ formula: String, columns: [String] = []) throws -> Terms {
    let formula = try Formula(parsing: formula)
    return try Terms(of: formula.parts[0], response: formula.response, columns: columns)
  }

  @Test(
    "right sides expand as in R",
    // R 4.2.2: attr(terms(formula), "term.labels"); attr(, "intercept")
    arguments: [
      ("~ a*b", ["a", "b", "a:b"], true), ("~ b:a + a", ["a", "b:a"], true),
      ("~ a:b + b + (x-1)*a", ["b", "x", "a", "a:b", "a:x"], false),
      ("~ (a + b + d)^2 - a:b", ["a", "b", "d", "a:d", "b:d"], true),
      ("~ a/b/d", ["a", "a:b", "a:b:d"], true), ("~ a %in% b", ["a:b"], true),
      ("~ (a + b)/d", ["a", "b", "a:b:d"], true),
      ("~ a*b*d - a:b:d", ["a", "b", "d", "a:b", "a:d", "b:d"], true),
      ("~ 0 + a", ["a"], false), ("~ a - 1", ["a"], false), ("~ a + 0 + 1", ["a"], true),
      ("~ -1", [], false), ("~ 1", [], true), ("~ a - (1 + a) + b", ["b"], false), ("~ a - 0", ["a"], true),
      ("~ a + a:a + a^3", ["a"], true), ("y ~ y + a", ["a"], true), ("y ~ .", ["x", "z"], true),
      ("y ~ .^2", ["x", "z", "x:z"], true), ("y ~ . - x", ["z"], true),
      ("~ a + offset(w) + b", ["a", "b"], true),
    ])
  func expansion(formula: String, labels: [String], intercept: Bool) throws {
    let terms = try terms(formula, columns: ["x", "z"])
    #expect(terms.labels == labels)
    #expect(terms.hasIntercept == intercept)
  }

  @Test("offsets stand apart")
  func offsets() throws {
    #expect(try terms("~ offset(log(n)) + a + offset(w)").offsets.map(\.text) == ["log(n)", "w"])
  }

  @Test("a variable takes indicators where its margin is absent")
  func coding() throws {
    // R 4.2.2: attr(terms(formula), "factors"), 2 for indicators
    let nested = try terms("~ a + a:b + b:d")
    #expect(nested.terms.map(\.indicators) == [[false], [true, false], [true, false]])
    #expect(try terms("~ a:b").terms[0].indicators == [true, true])
    #expect(try terms("~ a*b").terms[2].indicators == [false, false])
    #expect(nested.terms[1].order == 2 && nested.terms[1].variables == [0, 1])
  }

  @Test("all interactions of a hundred columns")
  func many() throws {
    let columns = (0..<100).map { "c\($0)" }
    #expect(try terms("y ~ .^2", columns: columns).labels.count == 100 + 4950)
  }
}
