import Testing

@testable import ModelFormula

@Suite("Conditions on rows")
struct RowTruthsTests {
  /// Every combination of a number (true, false, missing) and a category.
  private let data: DataFrame = {
    let numbers = [0, 1, -2.5, Double.nan]
    let codes: [Int32] = [0, 1, 2, -1]
    return DataFrame([
      ("x", .numeric(numbers.flatMap { [Double](repeating: $0, count: 4) })),
      ("g", .categorical(codes: numbers.flatMap { _ in codes }, levels: ["a", "b", "1"])),
      ("h", .categorical(codes: (0..<16).map { [1, 0, -1][$0 % 3] }, levels: ["b", "a"])),
      ("y", .numeric((0..<16).map(Double.init))),
    ])
  }()

  @Test(
    "levels decide as numbers do, with three truths",
    arguments: [
      "g != 'a' & x > 0", "!(g == 'a') | x > 0", "g == 'a' || !(x > 0 & g != 'b')", "x & g == 'b'", "!x",
      "(g == 'a')", "TRUE & g == 'a'", "NA | g == 'a'", "NA & g == 'a'", "'a' != g", "g == h", "g != h | x",
      "g == 1", "!(g %in% c('a', 'b')) && x < 1", "is.na(g) | is.na(x)", "FALSE", "x == x", "y > mean(y)",
    ])
  func kleene(condition: String) throws {
    let condition = try Expression(parsing: condition)
    let truths = try data.truth(of: condition)
    let kept = truths.indices.filter { truths[$0] == 1 }
    let excluded = truths.count { $0 == 0 }
    guard !kept.isEmpty else {
      #expect(throws: FormulaError.self) {
        try ModelFrame(Formula(parsing: "y ~ 1"), data: data, where: condition)
      }
      return
    }
    let frame = try ModelFrame(Formula(parsing: "y ~ 1"), data: data, where: condition)
    #expect(frame.rows.elementsEqual(kept))
    #expect(frame.excludedCount == excluded)
    #expect(frame.filterMissingCount == truths.count(where: \.isNaN))
    #expect(kept.count + excluded + frame.filterMissingCount == 16 && frame.missingCount == 0)
  }

  @Test("a category alone is no condition", arguments: ["g", "g & x > 0", "x | !g"])
  func category(condition: String) throws {
    let condition = try Expression(parsing: condition)
    #expect { try ModelFrame(Formula(parsing: "y ~ 1"), data: data, where: condition) } throws: {
      ($0 as? FormulaError)?.kind == .wrongKind
    }
  }

  @Test("the rows kept are listed in order, all of them without a list")
  func selection() {
    #expect(RowSelection(where: [false, true, true, false, true, false]).elementsEqual([1, 2, 4]))
    #expect(RowSelection(where: [true, true]) == RowSelection(all: 2))
    #expect(RowSelection(where: [false, false]).count == 0)
    #expect(RowSelection(where: []).count == 0)
    let kept = (0..<300_000).map { $0 % 3 == 1 }
    #expect(RowSelection(where: kept).elementsEqual((0..<100_000).map { 3 * $0 + 1 }))
  }
}
