import LinearAlgebra
import Probability

/// An F test of several contrasts at once.
public struct FTest: Sendable, Equatable {
  /// The F statistic.
  public let statistic: Double
  /// The numerator degrees of freedom: the rank of the contrasts.
  public let df1: Double
  /// The denominator degrees of freedom; infinite where the reference is χ²/df1.
  public let df2: Double
  /// The upper-tail probability.
  public let pValue: Double

  init(statistic: Double, df1: Double, df2: Double) {
    self.statistic = statistic
    self.df1 = df1
    self.df2 = df2
    pValue =
      df2.isFinite
      ? FisherF(df1: df1, df2: df2).cdf(statistic, tail: .upper)
      : ChiSquared(df: df1).cdf(statistic * df1, tail: .upper)
  }

  /// No contrast can be estimated.
  static let none = FTest(statistic: .nan, df1: 0, df2: .nan, pValue: .nan)

  private init(statistic: Double, df1: Double, df2: Double, pValue: Double) {
    self.statistic = statistic
    self.df1 = df1
    self.df2 = df2
    self.pValue = pValue
  }
}

/// Satterthwaite's degrees of freedom of contrasts of fixed effects whose covariance depends on variance parameters.
///
/// For one contrast, df = 2 (l'Cl)² / (g'Ag) with g = ∂(l'Cl)/∂θ and A the covariance of the variance parameters, twice
/// the inverse Hessian of −2 log likelihood. For several, the contrasts are turned to the eigenvectors of LCL', each with
/// its own df νₘ, and df2 = 2E/(E − q) with E = Σ νₘ/(νₘ − 2). Fai & Cornelius, J Stat Comput Simul 1996;54:363–378, doi
/// 10.1080/00949659608811740; Kuznetsova, Brockhoff & Christensen, J Stat Softw 2017;82(13), doi 10.18637/jss.v082.i13
/// (R `lmerTest`). The result does not depend on how the variance parameters are chosen.
public struct SatterthwaiteDF: Sendable {
  /// C, the covariance matrix of the fixed effects.
  public let vcov: Matrix
  /// ∂C/∂θₖ, one a variance parameter.
  public let derivatives: [Matrix]
  /// A, the covariance matrix of the variance parameters.
  public let parameterCovariance: Matrix

  public init(vcov: Matrix, derivatives: [Matrix], parameterCovariance: Matrix) {
    precondition(
      derivatives.count == parameterCovariance.rows,
      "\(derivatives.count) derivatives, covariance of \(parameterCovariance.rows) parameters")
    self.vcov = vcov
    self.derivatives = derivatives
    self.parameterCovariance = parameterCovariance
  }

  /// From the Hessian of −2 log likelihood in the variance parameters.
  ///
  /// Directions in which it does not curve upwards, such as a redundant element of a singular covariance factor, carry
  /// no information and contribute nothing, as in lmerTest.
  public init(
    vcov: Matrix, derivatives: [Matrix], hessian: Matrix
  ) throws(LinearAlgebraError) {
    let scale = hessian.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 1 }
    let eigen = try SymmetricEigen(of: hessian.sandwiched(by: .diagonal(scale)))
    let largest = eigen.values.last ?? 0
    let inverse = eigen.mapped { $0 > 1e-9 * largest ? 2 / $0 : 0 }
    self.init(
      vcov: vcov, derivatives: derivatives,
      parameterCovariance: inverse.sandwiched(by: .diagonal(scale)))
  }

  /// The degrees of freedom of a contrast l'β; infinite where its variance does not depend on the variance parameters.
  public func df(for contrast: [Double]) -> Double {
    let variance = vcov.quadraticForm(contrast)
    let gradient = derivatives.map { $0.quadraticForm(contrast) }
    let denominator = parameterCovariance.quadraticForm(gradient)
    guard variance > 0 else { return .nan }
    return 2 * variance * variance / denominator
  }

  /// The F test of Lβ = 0.
  public func fTest(
    for l: Matrix, coefficients: [Double]
  ) throws(LinearAlgebraError) -> FTest {
    let eigen = try SymmetricEigen(of: vcov.sandwiched(by: l))
    let largest = eigen.values.last ?? 0
    let estimates = l * coefficients
    var statistic = 0.0
    var dfs: [Double] = []
    for j in eigen.values.indices.reversed() where eigen.values[j] > max(1e-8 * largest, 0) {
      let vector = eigen.vectors.column(j)
      let estimate = dot(vector, estimates)
      statistic += estimate * estimate / eigen.values[j]
      dfs.append(df(for: l.transposedTimes(vector)))
    }
    guard !dfs.isEmpty else { return .none }
    let rank = Double(dfs.count)
    return FTest(statistic: statistic / rank, df1: rank, df2: Self.denominatorDF(dfs))
  }

  /// The df of an F statistic that is the mean of independent squared t statistics.
  static func denominatorDF(_ dfs: [Double]) -> Double {
    guard dfs.count > 1 else { return dfs.first ?? .nan }
    if zip(dfs, dfs.dropFirst()).allSatisfy({ abs($0 - $1) < 1e-8 }) {
      return dfs.reduce(0, +) / Double(dfs.count)
    }
    guard dfs.allSatisfy({ $0 > 2 }) else { return 2 }
    let expectation = dfs.reduce(0) { $0 + ($1.isFinite ? $1 / ($1 - 2) : 1) }
    return 2 * expectation / (expectation - Double(dfs.count))
  }
}
