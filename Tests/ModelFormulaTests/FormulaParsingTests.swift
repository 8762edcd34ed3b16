import ModelFormula
import Testing

@Suite("Formula text")
struct FormulaParsingTests {
  @Test(
    "expressions read back as R deparses them",
    // R 4.2.2: deparse(quote(...))
    arguments: [
      ("I(2*Agriculture-Education)", "I(2 * Agriculture - Education)"), ("I(-x^2)", "I(-x^2)"),
      ("I(!a&b)", "I(!a & b)"), ("I(a%%2)", "I(a%%2)"), ("I(x==1e-5)", "I(x == 1e-05)"),
      ("I(a<=.1)", "I(a <= 0.1)"), ("f('a\"b')", "f(\"a\\\"b\")"), ("a:b", "a:b"), ("1e15", "1e+15"),
      ("123456789012", "123456789012"), ("0.1234567890123456", "0.123456789012346"),
      ("1e5", "1e+05"), ("120000", "120000"), ("1234567.8", "1234567.8"), ("1e-300", "1e-300"),
      ("I((a+b)*2)", "I((a + b) * 2)"), ("-(-x)", "-(-x)"), ("`a b`+if1", "`a b` + if1"),
      ("f(a=1,`b c`=2)", "f(a = 1, `b c` = 2)"), ("a%/%b", "a%/%b"), ("2^-1", "2^-1"),
      ("a&&b||d", "a && b || d"), ("a  %in%  b", "a %in% b"), ("a/b", "a/b"),
      ("bs(x,df=5)", "bs(x, df = 5)"), ("0.0001", "1e-04"), ("0.00012", "0.00012"),
      ("Infant.Mortality", "Infant.Mortality"), (".5", "0.5"),
    ])
  func deparse(written: String, expected: String) throws {
    #expect(try Expression(parsing: written).text == expected)
  }

  @Test("precedence is R's")
  func precedence() throws {
    // Each pair reads the same in R.
    for (plain, grouped) in [
      ("a + b * d:e ^ 2", "a + (b * (d:(e ^ 2)))"), ("-a:b", "(-a):b"), ("-a^b", "-(a^b)"),
      ("a^b^d", "a^(b^d)"), ("a - b - d", "(a - b) - d"), ("!a == b", "!(a == b)"),
      ("a | b & d", "a | (b & d)"), ("a %in% b * d", "(a %in% b) * d"),
    ] {
      #expect(
        try Expression(parsing: plain).withoutGroups == Expression(parsing: grouped).withoutGroups)
    }
  }

  @Test("a formula has a response and right sides")
  func parts() throws {
    let formula = try Formula(parsing: "Surv(time, event) ~ x + (1|g) | z")
    #expect(formula.response?.text == "Surv(time, event)")
    #expect(formula.parts.map(\.text) == ["x + (1 | g)", "z"])
    #expect(try Formula(parsing: "~ a").response == nil)
    #expect(try Formula(parsing: "pairwise ~ a | b").parts.map(\.text) == ["a", "b"])
  }

  @Test(
    "a formula that does not parse says where",
    arguments: [
      ("y x", 2), ("y", 1), ("y ~ x +", 7), ("y ~ (x", 6), ("y ~ x ) z", 6), ("y ~ 2x", 4),
      ("y ~ `x", 4), ("y ~ 'x", 4), ("y ~ x @ z", 6), ("y ~ x %o% z", 6), ("y ~ f(x,", 8),
      ("y ~ x ~ z", 6), ("", 0), ("y ~ a < b < d", 10), ("y ~ x y", 6), ("y ~ x = 2", 6),
    ])
  func syntax(text: String, position: Int) throws {
    let error = try #require(throws: FormulaError.self) { try Formula(parsing: text) }
    #expect(error.kind == .syntax)
    #expect(error.position == position, "\(error)")
    #expect(error.source == text)
  }

  @Test(
    "numbers as labels",
    arguments: [
      // R 4.2.2: as.character(x)
      (1.0, "1"), (100000.0, "1e+05"), (123456.0, "123456"), (-100000.0, "-1e+05"), (0.1 + 0.2, "0.3"),
      (1e15, "1e+15"), (1.0 / 3, "0.333333333333333"), (2.5e-10, "2.5e-10"), (1_200_000, "1200000"),
      (3e6, "3e+06"), (1.5e6, "1500000"), (0.0, "0"), (-0.25, "-0.25"), (1e22, "1e+22"), (99999.0, "99999"),
      (20_000_000_000, "2e+10"), (12345678.125, "12345678.125"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) { #expect(numberText(value) == text) }

  @Test(
    "a name has backquotes where R needs them",
    arguments: [
      ("age", "age"), ("x.1_b", "x.1_b"), (".x", ".x"), (".", "."), (".1x", "`.1x`"), ("1x", "`1x`"),
      ("_x", "`_x`"),
      ("if", "`if`"), ("iff", "iff"), ("NA_character_", "`NA_character_`"), ("a b", "`a b`"), ("", "``"),
      ("ålder", "ålder"), ("x²", "x²"), ("a-b", "`a-b`"), ("a`b", "`a\\`b`"),
    ])
  func names(_ name: String, _ text: String) {
    #expect(Expression.nameText(name) == text)
  }
}

extension Expression {
  /// The text with every parenthesis of grouping made explicit.
  fileprivate var withoutGroups: String {
    switch node {
    case .group(let inner): inner.withoutGroups
    case .prefix(let symbol, let operand): "(" + symbol + operand.withoutGroups + ")"
    case .infix(let symbol, let left, let right):
      "(" + left.withoutGroups + symbol + right.withoutGroups + ")"
    default: text
    }
  }
}
