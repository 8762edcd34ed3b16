import LinearAlgebra

/// One term of a model's right side, as tests of terms need it.
public struct ModelTerm: Sendable, Equatable {
  /// The term's label, as R spells it.
  public let label: String
  /// The names of the variables that make it up; a term contains another if it has all of the other's.
  public let variables: Set<String>
  /// Those of the variables that are covariates, not factors.
  public let covariates: Set<String>
  /// The columns of the design it owns.
  public let columns: [Int]

  public init(label: String, variables: Set<String>, covariates: Set<String> = [], columns: [Int]) {
    self.label = label
    self.variables = variables
    self.covariates = covariates
    self.columns = columns
  }

  /// When a term counts as containing another in type II.
  public enum Containment: Sendable {
    /// It has all of the other's variables and more (R `car::Anova`).
    case variables
    /// It has, besides, the same covariates: `a:x` contains x and not a (SAS's effects, R `lmerTest`).
    case effects
  }

  /// True where the other term is a margin of this one (and not the same).
  public func contains(_ other: ModelTerm, by rule: Containment = .variables) -> Bool {
    variables.count > other.variables.count && other.variables.isSubset(of: variables)
      && (rule == .variables || covariates == other.covariates)
  }
}

/// The linear hypotheses Lβ = 0 of SAS's types II and III, one matrix a term.
///
/// SAS/STAT User's Guide, "The Four Types of Estimable Functions"; R: `car::Anova(type = 2 | 3)` with contrasts that sum
/// to zero for type III, `lmerTest::anova(type = )`.
public enum TermHypotheses {
  /// Type III: the coefficients of the term in the coding whose contrasts sum to zero are zero.
  ///
  /// With X₁ = X₀ C between the two codings of one column space, β₁ = C⁻¹β₀, so that L holds the term's rows of C⁻¹, which is
  /// the same for all terms.
  ///
  /// - Parameters:
  ///   - design: X₀, the design that was fitted (treatment contrasts), over its estimable columns.
  ///   - sumToZero: the decomposition of X₁, the same model coded with contrasts that sum to zero, over its independent
  ///     columns.
  ///   - terms: for each term its columns in X₁.
  /// - Returns: for each term one row a column of it, over the columns of X₀.
  public static func typeIII(design: Matrix, sumToZero qr: PivotedQR, terms: [[Int]]) -> [Matrix] {
    // C⁻¹ maps treatment coefficients to sum-to-zero ones: solve X₁ (C⁻¹) = X₀ column by column.
    var inverse = Matrix(rows: qr.columns, columns: design.columns)
    for j in 0..<design.columns {
      let values = qr.coefficients(for: design.column(j))
      for i in 0..<qr.columns {
        let value = values[i] ?? 0
        inverse[i, j] = abs(value) < 1e-11 ? 0 : value
      }
    }
    return terms.map { inverse.selecting(rows: $0) }
  }

  /// Type II: the term after every term that does not contain it, ignoring those that do.
  ///
  /// With the QR decomposition of the columns in the order (others, term, terms containing it), L holds the term's rows
  /// of R, each over its diagonal element: the effects of the term given the others. Where no term contains it these
  /// say that its own coefficients are zero, and L holds one a row. Both are the rows of `lmerTest`, on which the df of a
  /// Satterthwaite F test depend (see `onOwnCoefficients`).
  ///
  /// - Parameters:
  ///   - design: the design that was fitted, over its estimable columns, its rows times √weight.
  ///   - term: the term to test, with its columns among those of `design`.
  ///   - terms: all terms of the model, with their columns among those of `design`.
  ///   - rule: which terms contain it.
  /// - Returns: one row a column of the term, over the columns of `design`.
  public static func typeII(
    design: Matrix, term: ModelTerm, terms: [ModelTerm], containment rule: ModelTerm.Containment = .variables
  ) throws(LinearAlgebraError) -> Matrix {
    let containing = terms.filter { $0.contains(term, by: rule) }.flatMap(\.columns)
    let last = Set(containing)
    let own = Set(term.columns)
    let first = (0..<design.columns).filter { !last.contains($0) && !own.contains($0) }
    var result = Matrix(rows: term.columns.count, columns: design.columns)
    if containing.isEmpty {
      for (i, column) in term.columns.enumerated() { result[i, column] = 1 }
      return result
    }
    let order = first + term.columns + containing
    let qr = try PivotedQR(of: design.selecting(columns: order), tolerance: 1e-12)
    guard qr.rank == order.count else { throw .singular(column: qr.rank) }
    let r = qr.r
    for i in 0..<term.columns.count {
      let row = first.count + i
      for (place, column) in order.enumerated() { result[i, column] = r[row, place] / r[row, row] }
    }
    return result
  }

  /// Type II by the covariance V of the coefficients: the term's own, less what the coefficients of the terms containing it
  /// say of them, β_T − V_TC V_CC⁻¹ β_C, which is uncorrelated with those.
  ///
  /// (Lβ)'(LVL')⁻¹(Lβ) is Wald's statistic of the term and those containing it together, less that of those containing it;
  /// for least squares the same as by the weighted design. R `car::Anova` with any `vcov.`.
  ///
  /// - Parameters:
  ///   - covariance: V, over the estimable columns.
  ///   - term: the term to test, with its columns among those of V.
  ///   - terms: all terms of the model, with their columns among those of V.
  /// - Returns: one row a column of the term, over the columns of V.
  /// - Throws: `LinearAlgebraError` where V_CC has no inverse.
  public static func typeII(
    covariance: Matrix, term: ModelTerm, terms: [ModelTerm]
  ) throws(LinearAlgebraError) -> Matrix {
    let containing = terms.filter { $0.contains(term) }.flatMap(\.columns)
    var result = Matrix(rows: term.columns.count, columns: covariance.columns)
    for (i, column) in term.columns.enumerated() { result[i, column] = 1 }
    guard !containing.isEmpty else { return result }
    let ofContaining = covariance.selecting(rows: containing)
    let factor = try CholeskyFactor(of: ofContaining.selecting(columns: containing))
    let explained = factor.solve(ofContaining.selecting(columns: term.columns))
    for i in term.columns.indices {
      for (k, column) in containing.enumerated() { result[i, column] = -explained[k, i] }
    }
    return result
  }

  /// The same hypothesis with rows that hold one coefficient of the term each: L ← L₁⁻¹L, L₁ the term's own columns.
  ///
  /// The df of a Satterthwaite F test depends on the rows that a hypothesis is written with, because its contrasts are turned
  /// to the eigenvectors of LCL'; these are the rows of `lmerTest`. Where L₁ is not regular (empty cells) L is unchanged.
  public static func onOwnCoefficients(_ l: Matrix, columns: [Int]) -> Matrix {
    guard l.rows == columns.count, l.rows > 1, let own = try? LUFactor(of: l.selecting(columns: columns))
    else { return l }
    let result = own.solve(l)
    let largest = result.storage.reduce(0) { max($0, abs($1)) }
    guard largest < 1e6 else { return l }
    return Matrix(
      rows: result.rows, columns: result.columns,
      storage: result.storage.map { abs($0) < 1e-11 * largest ? 0 : $0 })
  }
}

/// A row of an analysis-of-variance table.
public struct TermTest: Sendable, Equatable {
  /// The term's label; `Residuals` for the last row of a least-squares table.
  public let term: String
  /// The sum of squares, in a least-squares table.
  public let sumOfSquares: Double?
  /// The (numerator's) degrees of freedom.
  public let df: Double
  /// The denominator's degrees of freedom, where they differ between terms.
  public let df2: Double?
  /// F or χ².
  public let statistic: Double?
  public let pValue: Double?

  public init(
    term: String, sumOfSquares: Double? = nil, df: Double, df2: Double? = nil,
    statistic: Double? = nil, pValue: Double? = nil
  ) {
    self.term = term
    self.sumOfSquares = sumOfSquares
    self.df = df
    self.df2 = df2
    self.statistic = statistic
    self.pValue = pValue
  }
}
