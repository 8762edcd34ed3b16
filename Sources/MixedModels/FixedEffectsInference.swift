import Inference
import LinearAlgebra

/// How the reference distribution of fixed effects of a mixed model is chosen.
public enum DegreesOfFreedomMethod: String, Sendable {
  /// t and F with Satterthwaite's degrees of freedom (R lmerTest's default).
  case satterthwaite
  /// t and F with Kenward and Roger's adjusted covariance and degrees of freedom (R pbkrtest).
  case kenwardRoger
  /// t and F with n − p degrees of freedom.
  case residual
  /// The normal and χ² distributions.
  case normal
}

/// Tests of contrasts of the fixed effects of a mixed model.
public struct FixedEffectsInference: Sendable {
  enum Method: Sendable {
    case satterthwaite(SatterthwaiteDF)
    case kenwardRoger(KenwardRogerDF)
    case fixed(Double)
    /// Degrees of freedom that a rule gives to each contrast over the estimable coefficients.
    case byContrast(@Sendable ([Double]) -> Double)
    case normal
  }

  let method: Method
  /// The estimable coefficients.
  let coefficients: [Double]
  /// The places of the estimable coefficients among all.
  let estimable: [Int]
  /// The number of all coefficients, aliased ones included.
  let columnCount: Int
  /// The covariance of the estimable coefficients that tests use.
  let vcov: Matrix

  /// The coefficients that a contrast over all columns, or over the estimable ones, gives to the estimable ones.
  private func reduced(_ contrast: [Double]) -> [Double] {
    if contrast.count == estimable.count { return contrast }
    precondition(
      contrast.count == columnCount,
      "a contrast of \(contrast.count) for \(columnCount) coefficients, \(estimable.count) estimable")
    return estimable.map { contrast[$0] }
  }

  /// The degrees of freedom of a contrast l'β; infinite for the normal distribution.
  ///
  /// - Parameter contrast: l over all columns of the design, or over the estimable ones.
  public func df(for contrast: [Double]) -> Double {
    let l = reduced(contrast)
    switch method {
    case .satterthwaite(let satterthwaite): return satterthwaite.df(for: l)
    case .kenwardRoger(let kenwardRoger): return kenwardRoger.df(for: l)
    case .fixed(let df): return df
    case .byContrast(let rule): return rule(l)
    case .normal: return .infinity
    }
  }

  /// The F test of Lβ = 0; rows of L are contrasts, redundant ones are passed over.
  ///
  /// - Parameter l: contrasts over all columns of the design, or over the estimable ones.
  /// - Throws: `LinearAlgebraError` where the contrasts' covariance is not finite.
  public func fTest(for l: Matrix) throws(LinearAlgebraError) -> FTest {
    let reduced = l.columns == estimable.count ? l : l.selecting(columns: estimable)
    switch method {
    case .satterthwaite(let satterthwaite):
      return try satterthwaite.fTest(for: reduced, coefficients: coefficients)
    case .kenwardRoger(let kenwardRoger):
      return try kenwardRoger.fTest(for: reduced, coefficients: coefficients)
    case .fixed(let df): return try waldTest(reduced, df2: df)
    case .byContrast(let rule):
      return try waldTest(reduced, df2: (0..<reduced.rows).map { rule(reduced.row($0)) }.min() ?? .nan)
    case .normal: return try waldTest(reduced, df2: .infinity)
    }
  }

  private func waldTest(_ l: Matrix, df2: Double) throws(LinearAlgebraError) -> FTest {
    let eigen = try SymmetricEigen(of: vcov.sandwiched(by: l))
    let largest = eigen.values.last ?? 0
    let estimates = l * coefficients
    var sum = 0.0
    var rank = 0.0
    for j in eigen.values.indices where eigen.values[j] > max(1e-8 * largest, 0) {
      let estimate = dot(eigen.vectors.column(j), estimates)
      sum += estimate * estimate / eigen.values[j]
      rank += 1
    }
    guard rank > 0 else { return .none }
    return FTest(statistic: sum / rank, df1: rank, df2: df2)
  }

  /// The reference distribution of a contrast; t with a df that is not a number where the method has none.
  public func reference(for contrast: [Double]) -> Reference {
    let df = df(for: contrast)
    return df == .infinity ? .normal : .t(df)
  }
}
