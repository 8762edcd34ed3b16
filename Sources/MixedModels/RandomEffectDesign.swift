import LinearAlgebra

/// One random-effect term of a mixed model: coefficients of some columns that vary between the levels of a grouping.
///
/// `(x | g)` of a formula is a correlated term with the columns `(Intercept)` and `x`; `(x || g)` an uncorrelated one.
/// A grouping by two factors, `a:b`, is one factor here, whose levels are the combinations that occur.
public struct RandomEffectDesign: Sendable {
  /// The name of the grouping, such as `Subject` or `cask:batch`; terms of one name must share codes and levels.
  public let group: String
  /// The names of the columns, such as `(Intercept)` and `Days`.
  public let columnNames: [String]
  /// The design, n × q.
  public let design: Matrix
  /// For each observation the index of its level.
  public let codes: [Int]
  /// The names of the levels; levels without an observation are passed over.
  public let levels: [String]
  /// True where the coefficients have free correlations.
  public let isCorrelated: Bool

  /// Makes a term.
  ///
  /// - Precondition: as many names as columns, as many codes as rows, every code an index of `levels`.
  public init(
    group: String, columnNames: [String], design: Matrix, codes: [Int], levels: [String],
    isCorrelated: Bool = true
  ) {
    precondition(
      columnNames.count == design.columns && columnNames.count > 0,
      "\(columnNames.count) names for \(design.columns) columns")
    precondition(codes.count == design.rows, "\(codes.count) codes for \(design.rows) rows")
    precondition(codes.allSatisfy { levels.indices.contains($0) }, "a code without a level")
    self.group = group
    self.columnNames = columnNames
    self.design = design
    self.codes = codes
    self.levels = levels
    self.isCorrelated = isCorrelated
  }

  /// Makes a random intercept, `(1 | group)`.
  public static func intercept(
    group: String, codes: [Int], levels: [String]
  ) -> RandomEffectDesign {
    RandomEffectDesign(
      group: group, columnNames: ["(Intercept)"],
      design: Matrix(
        rows: codes.count, columns: 1, storage: [Double](repeating: 1, count: codes.count)),
      codes: codes, levels: levels)
  }
}
