import CRmath
import Synchronization

// Discrete distributions: R's own functions, so that p-values agree with R to the last digits.

/// True for a point that can have mass: whole, to libRmath's share of 1e-7.
///
/// For any other point libRmath returns 0 as well, but prints a warning on standard output, where results go.
private func isWhole(_ x: Double) -> Bool {
  x.isNaN || x == x.rounded() || abs(x - x.rounded()) <= 1e-7 * max(1, abs(x))
}

/// Guards the tables of rank statistics, which libRmath keeps in static memory.
private let rankTables = Mutex<Void>(())

/// The binomial distribution (R `binom`).
public struct Binomial: Distribution {
  /// The number of trials.
  public let size: Double
  /// The probability of success.
  public let probability: Double

  /// Makes the distribution from its parameters.
  public init(size: Double, probability: Double) {
    self.size = size
    self.probability = probability
  }

  public func density(_ x: Double, log: Bool) -> Double {
    isWhole(x) ? dbinom(x, size, probability, log ? 1 : 0) : log ? -.infinity : 0
  }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pbinom(x, size, probability, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qbinom(p, size, probability, tail.isLower, 0) }
}

/// The Poisson distribution (R `pois`).
public struct Poisson: Distribution {
  /// The mean.
  public let mean: Double

  /// Makes the distribution from its parameters.
  public init(mean: Double) {
    self.mean = mean
  }

  public func density(_ x: Double, log: Bool) -> Double {
    isWhole(x) ? dpois(x, mean, log ? 1 : 0) : log ? -.infinity : 0
  }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    ppois(x, mean, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qpois(p, mean, tail.isLower, 0) }
}

/// The negative binomial distribution by size θ and mean μ, variance μ + μ²/θ (R `nbinom` with `mu`).
public struct NegativeBinomial: Distribution {
  /// The size θ.
  public let size: Double
  /// The mean μ.
  public let mean: Double

  /// Makes the distribution from its parameters.
  public init(size: Double, mean: Double) {
    self.size = size
    self.mean = mean
  }

  public func density(_ x: Double, log: Bool) -> Double {
    isWhole(x) ? dnbinom_mu(x, size, mean, log ? 1 : 0) : log ? -.infinity : 0
  }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pnbinom_mu(x, size, mean, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qnbinom_mu(p, size, mean, tail.isLower, 0) }
}

/// The hypergeometric distribution: white balls among k drawn from r white and b black (R `hyper`).
public struct Hypergeometric: Distribution {
  /// White balls r in the urn.
  public let white: Double
  /// Black balls b in the urn.
  public let black: Double
  /// Balls drawn k.
  public let drawn: Double

  /// Makes the distribution from its parameters.
  public init(white: Double, black: Double, drawn: Double) {
    self.white = white
    self.black = black
    self.drawn = drawn
  }

  public func density(_ x: Double, log: Bool) -> Double {
    isWhole(x) ? dhyper(x, white, black, drawn, log ? 1 : 0) : log ? -.infinity : 0
  }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    phyper(x, white, black, drawn, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qhyper(p, white, black, drawn, tail.isLower, 0) }
}

/// The Wilcoxon rank-sum statistic W (Mann–Whitney U) of samples of m and n without ties (R `wilcox`).
public struct RankSum: Distribution {
  /// The first sample's size.
  public let m: Double
  /// The second sample's size.
  public let n: Double

  /// Makes the distribution from its parameters.
  public init(m: Double, n: Double) {
    self.m = m
    self.n = n
  }

  public func density(_ x: Double, log: Bool) -> Double {
    isWhole(x) ? rankTables.withLock { _ in dwilcox(x, m, n, log ? 1 : 0) } : log ? -.infinity : 0
  }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    rankTables.withLock { _ in pwilcox(x, m, n, tail.isLower, log ? 1 : 0) }
  }
  public func quantile(_ p: Double, tail: Tail) -> Double {
    rankTables.withLock { _ in qwilcox(p, m, n, tail.isLower, 0) }
  }
}

/// The Wilcoxon signed-rank statistic V of n differences without ties (R `signrank`).
public struct SignedRank: Distribution {
  /// The number of differences.
  public let n: Double

  /// Makes the distribution from its parameters.
  public init(n: Double) {
    self.n = n
  }

  public func density(_ x: Double, log: Bool) -> Double {
    isWhole(x) ? rankTables.withLock { _ in dsignrank(x, n, log ? 1 : 0) } : log ? -.infinity : 0
  }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    rankTables.withLock { _ in psignrank(x, n, tail.isLower, log ? 1 : 0) }
  }
  public func quantile(_ p: Double, tail: Tail) -> Double {
    rankTables.withLock { _ in qsignrank(p, n, tail.isLower, 0) }
  }
}
