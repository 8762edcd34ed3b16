import CRmath

// Continuous distributions: R's own functions, so that p-values agree with R to the last digits.

/// The normal distribution with a mean and a standard deviation (R `norm`).
public struct Normal: Distribution {
  /// The mean.
  public let mean: Double
  /// The standard deviation.
  public let sd: Double

  /// Makes the distribution from its parameters.
  public init(mean: Double = 0, sd: Double = 1) {
    self.mean = mean
    self.sd = sd
  }

  public func density(_ x: Double, log: Bool) -> Double { dnorm4(x, mean, sd, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pnorm5(x, mean, sd, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qnorm5(p, mean, sd, tail.isLower, 0) }
}

/// Student's t distribution (R `t`).
public struct StudentT: Distribution {
  /// The degrees of freedom; infinity gives the normal distribution.
  public let df: Double

  /// Makes the distribution from its parameters.
  public init(df: Double) {
    self.df = df
  }

  public func density(_ x: Double, log: Bool) -> Double { dt(x, df, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pt(x, df, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qt(p, df, tail.isLower, 0) }
}

/// The noncentral t distribution (R `t` with `ncp`).
public struct NoncentralT: Distribution {
  /// The degrees of freedom.
  public let df: Double
  /// The noncentrality δ.
  public let noncentrality: Double

  /// Makes the distribution from its parameters.
  public init(df: Double, noncentrality: Double) {
    self.df = df
    self.noncentrality = noncentrality
  }

  public func density(_ x: Double, log: Bool) -> Double { dnt(x, df, noncentrality, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pnt(x, df, noncentrality, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qnt(p, df, noncentrality, tail.isLower, 0) }
}

/// The chi-squared distribution (R `chisq`).
public struct ChiSquared: Distribution {
  /// The degrees of freedom.
  public let df: Double

  /// Makes the distribution from its parameters.
  public init(df: Double) {
    self.df = df
  }

  public func density(_ x: Double, log: Bool) -> Double { dchisq(x, df, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pchisq(x, df, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qchisq(p, df, tail.isLower, 0) }
}

/// The noncentral chi-squared distribution (R `chisq` with `ncp`).
public struct NoncentralChiSquared: Distribution {
  /// The degrees of freedom.
  public let df: Double
  /// The noncentrality λ.
  public let noncentrality: Double

  /// Makes the distribution from its parameters.
  public init(df: Double, noncentrality: Double) {
    self.df = df
    self.noncentrality = noncentrality
  }

  public func density(_ x: Double, log: Bool) -> Double { dnchisq(x, df, noncentrality, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pnchisq(x, df, noncentrality, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qnchisq(p, df, noncentrality, tail.isLower, 0) }
}

/// Fisher's F distribution (R `f`).
public struct FisherF: Distribution {
  /// The numerator's degrees of freedom.
  public let df1: Double
  /// The denominator's degrees of freedom.
  public let df2: Double

  /// Makes the distribution from its parameters.
  public init(df1: Double, df2: Double) {
    self.df1 = df1
    self.df2 = df2
  }

  public func density(_ x: Double, log: Bool) -> Double { df(x, df1, df2, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pf(x, df1, df2, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qf(p, df1, df2, tail.isLower, 0) }
}

/// The noncentral F distribution (R `f` with `ncp`).
public struct NoncentralF: Distribution {
  /// The numerator's degrees of freedom.
  public let df1: Double
  /// The denominator's degrees of freedom.
  public let df2: Double
  /// The noncentrality λ.
  public let noncentrality: Double

  /// Makes the distribution from its parameters.
  public init(df1: Double, df2: Double, noncentrality: Double) {
    self.df1 = df1
    self.df2 = df2
    self.noncentrality = noncentrality
  }

  public func density(_ x: Double, log: Bool) -> Double { dnf(x, df1, df2, noncentrality, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pnf(x, df1, df2, noncentrality, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qnf(p, df1, df2, noncentrality, tail.isLower, 0) }
}

/// The beta distribution (R `beta`).
public struct Beta: Distribution {
  /// The first shape a.
  public let shape1: Double
  /// The second shape b.
  public let shape2: Double

  /// Makes the distribution from its parameters.
  public init(shape1: Double, shape2: Double) {
    self.shape1 = shape1
    self.shape2 = shape2
  }

  public func density(_ x: Double, log: Bool) -> Double { dbeta(x, shape1, shape2, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pbeta(x, shape1, shape2, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qbeta(p, shape1, shape2, tail.isLower, 0) }
}

/// The gamma distribution with a shape and a scale (R `gamma`; the rate is 1/scale).
public struct Gamma: Distribution {
  /// The shape.
  public let shape: Double
  /// The scale.
  public let scale: Double

  /// Makes the distribution from its parameters.
  public init(shape: Double, scale: Double = 1) {
    self.shape = shape
    self.scale = scale
  }

  public func density(_ x: Double, log: Bool) -> Double { dgamma(x, shape, scale, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pgamma(x, shape, scale, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qgamma(p, shape, scale, tail.isLower, 0) }
}

/// The Weibull distribution (R `weibull`).
public struct Weibull: Distribution {
  /// The shape.
  public let shape: Double
  /// The scale.
  public let scale: Double

  /// Makes the distribution from its parameters.
  public init(shape: Double, scale: Double = 1) {
    self.shape = shape
    self.scale = scale
  }

  public func density(_ x: Double, log: Bool) -> Double { dweibull(x, shape, scale, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pweibull(x, shape, scale, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qweibull(p, shape, scale, tail.isLower, 0) }
}

/// The logistic distribution (R `logis`).
public struct Logistic: Distribution {
  /// The location.
  public let location: Double
  /// The scale.
  public let scale: Double

  /// Makes the distribution from its parameters.
  public init(location: Double = 0, scale: Double = 1) {
    self.location = location
    self.scale = scale
  }

  public func density(_ x: Double, log: Bool) -> Double { dlogis(x, location, scale, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    plogis(x, location, scale, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qlogis(p, location, scale, tail.isLower, 0) }
}

/// The log-normal distribution (R `lnorm`).
public struct LogNormal: Distribution {
  /// The mean of the logarithm.
  public let meanLog: Double
  /// The standard deviation of the logarithm.
  public let sdLog: Double

  /// Makes the distribution from its parameters.
  public init(meanLog: Double = 0, sdLog: Double = 1) {
    self.meanLog = meanLog
    self.sdLog = sdLog
  }

  public func density(_ x: Double, log: Bool) -> Double { dlnorm(x, meanLog, sdLog, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    plnorm(x, meanLog, sdLog, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qlnorm(p, meanLog, sdLog, tail.isLower, 0) }
}

/// The Cauchy distribution (R `cauchy`).
public struct Cauchy: Distribution {
  /// The location.
  public let location: Double
  /// The scale.
  public let scale: Double

  /// Makes the distribution from its parameters.
  public init(location: Double = 0, scale: Double = 1) {
    self.location = location
    self.scale = scale
  }

  public func density(_ x: Double, log: Bool) -> Double { dcauchy(x, location, scale, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pcauchy(x, location, scale, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qcauchy(p, location, scale, tail.isLower, 0) }
}

/// The exponential distribution with a mean (R `exp`; the rate is 1/mean).
public struct Exponential: Distribution {
  /// The mean.
  public let mean: Double

  /// Makes the distribution from its parameters.
  public init(mean: Double = 1) {
    self.mean = mean
  }

  public func density(_ x: Double, log: Bool) -> Double { dexp(x, mean, log ? 1 : 0) }
  public func cdf(_ x: Double, tail: Tail, log: Bool) -> Double {
    pexp(x, mean, tail.isLower, log ? 1 : 0)
  }
  public func quantile(_ p: Double, tail: Tail) -> Double { qexp(p, mean, tail.isLower, 0) }
}
