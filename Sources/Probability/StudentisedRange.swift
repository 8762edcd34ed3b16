import CRmath

/// The studentised range of several group means (R `ptukey`, `qtukey`), for Tukey's adjustment of pairwise contrasts.
///
/// Copenhaver & Holland, Computation of the distribution of the maximum studentized range statistic, J Statist Comput
/// Simul 1988;30:1–15, doi 10.1080/00949658808811082.
public struct StudentisedRange: Sendable {
  /// The number of means.
  public let means: Double
  /// The degrees of freedom of the standard error; infinity for z statistics.
  public let df: Double

  /// Makes the distribution of the range of `means` group means.
  public init(means: Double, df: Double) {
    self.means = means
    self.df = df
  }

  /// The probability on one side of a range q.
  public func cdf(_ q: Double, tail: Tail = .lower) -> Double {
    ptukey(q, 1, means, df, tail.isLower, 0)
  }

  /// The range with probability p on one side of it.
  public func quantile(_ p: Double, tail: Tail = .lower) -> Double {
    qtukey(p, 1, means, df, tail.isLower, 0)
  }
}
