import ArgumentParser
import ModelFitting
import Resampling

/// The options of `hekta fit` that resample.
struct BootstrapOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Refit lm, glm, cox or lmm to this many bootstrap samples and add their errors and limits.",
      valueName: "count"))
  var bootstrap: Int?

  @Option(
    help: ArgumentHelp(
      "The column whose values are drawn, with all their rows (default: rows; for lmm its groups, for cox its clusters).",
      valueName: "var"))
  var resample: String?

  @Option(
    help: ArgumentHelp("Draw within the values of this column, such as the arms.", valueName: "var"))
  var resampleWithin: String?

  @Option(help: ArgumentHelp("The seed of the bootstrap.", valueName: "number"))
  var bootstrapSeed = 1

  @Option(help: ArgumentHelp("How limits are read off the bootstrap samples.", valueName: "kind"))
  var bootstrapLimits = BootstrapDistribution.Limits.percentile

  /// The columns that must be read.
  var columns: [String?] { [resample, resampleWithin] }

  /// Fills the fields of the request.
  func apply(to options: inout FitOptions) throws {
    guard let bootstrap else {
      if let name = resample ?? resampleWithin {
        throw ValidationError("--resample \(name): expected --bootstrap with a number of samples beside it")
      }
      return
    }
    guard bootstrap > 1 else {
      throw ValidationError("--bootstrap: found \(bootstrap), expected a whole number from 2")
    }
    guard bootstrapSeed >= 0 else {
      throw ValidationError("--bootstrap-seed: found \(bootstrapSeed), expected a whole number from 0")
    }
    options.bootstrap = FitOptions.Bootstrap(
      draws: bootstrap, seed: UInt64(bootstrapSeed), unit: resample, stratum: resampleWithin,
      limits: bootstrapLimits)
    options.progress = { done, count in
      Terminal.progress(done < count ? "bootstrap: \(done) of \(count)" : "")
    }
  }
}

extension BootstrapDistribution.Limits: ExpressibleByArgument {}
