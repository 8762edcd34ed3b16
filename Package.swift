// swift-tools-version: 6.1
import PackageDescription

// One target a room of the house (docs/architecture.md). An arrow is an import and none runs upwards; the two
// model families never import each other.

/// A library target with its test target's conventional path.
func room(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(name)", resources: resources)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name), "TestSupport"] + dependencies,
    path: "Tests/\(name)Tests", resources: resources)
}

let package = Package(
  name: "hekta",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "hekta", targets: ["hekta"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // The C libraries, each imported by one target only.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
    .systemLibrary(name: "CRmath", pkgConfig: "libRmath", providers: [.apt(["r-mathlib"])]),
    .systemLibrary(name: "CNLopt", pkgConfig: "nlopt", providers: [.apt(["libnlopt-dev"])]),
    .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),

    // Mathematics.
    room("LinearAlgebra", ["COpenBLAS", "CLAPACKE"]),
    room("Probability", ["CRmath"]),
    room("Optimisation", ["CNLopt", "LinearAlgebra"]),

    // Text forms of results.
    room("Serialisation", []),

    // Statistics.
    room("ModelFormula", ["LinearAlgebra", "Probability"]),
    room("Inference", ["ModelFormula", "LinearAlgebra", "Probability"]),
    room("Regression", ["Inference", "Optimisation", "LinearAlgebra", "Probability"]),
    room("Survival", ["Inference", "Optimisation", "LinearAlgebra", "Probability"]),
    room("MixedModels", ["Inference", "Optimisation", "LinearAlgebra", "Probability"]),
    room("HypothesisTests", ["Optimisation", "LinearAlgebra", "Probability"]),
    room("MissingData", ["HypothesisTests", "Inference", "LinearAlgebra", "Probability"]),
    room("Resampling", ["LinearAlgebra", "Probability"]),

    // The audit of a trial's allocations and inference from their draw.
    room(
      "Randomisation",
      ["HypothesisTests", "Inference", "ModelFormula", "LinearAlgebra", "Probability", "Serialisation"]),

    // One model on one data frame: what `hekta fit` prints and what the analyses of a plan call.
    room(
      "ModelFitting",
      [
        "Regression", "Survival", "MixedModels", "HypothesisTests", "Resampling", "Inference",
        "ModelFormula", "LinearAlgebra", "Optimisation", "Probability", "Serialisation",
      ]),

    // The trial.
    room(
      "TrialData",
      [
        "ModelFormula", "LinearAlgebra", "Serialisation", "CMessageDigest", "Yams",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    room(
      "TrialAnalysis",
      ["TrialData", "ModelFitting", "MissingData", "Randomisation", "LinearAlgebra", "Yams"]),
    room(
      "TrialSimulation", ["ModelFormula", "Probability", "Serialisation"],
      resources: [.embedInCode("Templates")]),
    room("TrialReport", ["TrialAnalysis", "TrialData", "Inference", "Serialisation"]),

    // A whole run as a value, and what compares, explains and repeats runs.
    room(
      "Reruns",
      [
        "TrialReport", "TrialAnalysis", "TrialData", "ModelFitting", "HypothesisTests", "ModelFormula",
        "LinearAlgebra", "Serialisation", "Yams",
      ]),

    // Many runs: grids of plans and simulated trials, on this machine or a cluster.
    room(
      "TrialBatch",
      [
        "TrialSimulation", "Probability", "Inference", "TrialReport", "TrialAnalysis", "TrialData",
        "ModelFitting", "ModelFormula", "LinearAlgebra",
        "Serialisation", "Yams",
      ]),

    .executableTarget(
      name: "hekta",
      dependencies: [
        "Reruns", "TrialBatch", "TrialReport", "TrialAnalysis", "TrialSimulation", "TrialData",
        "ModelFitting", "Randomisation",
        "HypothesisTests", "Resampling", "ModelFormula", "LinearAlgebra", "Serialisation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/hekta"),

    // Tests.
    .target(name: "TestSupport", dependencies: ["ModelFormula"], path: "Tests/TestSupport"),
    tests("LinearAlgebra", []),
    tests("Probability", []),
    tests("Optimisation", []),
    tests("Serialisation", []),
    tests("ModelFormula", ["LinearAlgebra"], resources: [.copy("Data")]),
    tests("Inference", ["LinearAlgebra", "ModelFormula"]),
    tests("Regression", ["LinearAlgebra"], resources: [.copy("Data")]),
    tests("Survival", ["LinearAlgebra", "Inference"], resources: [.copy("Data")]),
    tests("MixedModels", ["LinearAlgebra"]),
    tests("HypothesisTests", ["LinearAlgebra"], resources: [.copy("Data")]),
    tests("MissingData", ["LinearAlgebra"]),
    tests("Resampling", []),
    tests("Randomisation", ["ModelFormula", "Probability", "Serialisation"]),
    tests("ModelFitting", ["ModelFormula", "Inference", "HypothesisTests", "Serialisation"]),
    tests("TrialData", ["ModelFormula", "Serialisation", .product(name: "GRDB", package: "GRDB.swift")]),
    tests("TrialAnalysis", ["TrialData", "Yams"], resources: [.copy("Data")]),
    tests("TrialSimulation", ["ModelFormula"]),
    tests("TrialReport", ["TrialAnalysis"]),
    tests("Reruns", ["TrialAnalysis", "TrialData", "TrialReport", "Serialisation"]),
    tests("TrialBatch", ["TrialReport", "TrialData", "TrialSimulation", "Serialisation"]),
    tests("hekta", ["Serialisation"], resources: [.copy("Reference")]),
  ],
  swiftLanguageModes: [.v6]
)
