import Glibc
import ModelFitting
import Serialisation
import TrialAnalysis
import TrialData

/// The folder of a power study whose trials several processes share: what is asked, the trials of each shard, the answer.
///
///     study.json            what is asked
///     shards/K-of-N.json    the trials of a shard, every estimate in full, and the hash of what decides them
///     power.json            the answer, when every shard is there
///     run.json              paths: the only file that differs between two runs
public struct PowerDirectory: Sendable {
  /// What is asked of a study.
  public struct Request: Sendable, Equatable {
    /// The path of the plan.
    public var plan: String
    public var analyses: [String]?
    public var replicates: Int
    public var seed: Int?
    public var scenarios: [String]?
    public var alpha: Double
    /// The participants of the trial whose estimates stand for the truth; 0 for none.
    public var truthParticipants: Int

    public init(
      plan: String, analyses: [String]?, replicates: Int, seed: Int?, scenarios: [String]?, alpha: Double,
      truthParticipants: Int
    ) {
      self.plan = plan
      self.analyses = analyses
      self.replicates = replicates
      self.seed = seed
      self.scenarios = scenarios
      self.alpha = alpha
      self.truthParticipants = truthParticipants
    }
  }

  public let path: String
  public let request: Request

  /// Prepares a folder.
  ///
  /// - Throws: `OutputError`.
  public init(preparing path: String, for request: Request) throws {
    self.path = path
    self.request = request
    for directory in [path, "\(path)/shards"] { try AtomicOutput.makeDirectory(directory) }
    let paths: JSONValue = ["plan": .string(absolute(request.plan))]
    try AtomicOutput.write(paths.text(indented: true) + "\n", to: "\(path)/run.json")
    try AtomicOutput.write(Self.json(request).text(indented: true) + "\n", to: "\(path)/study.json")
  }

  /// Opens a folder that was prepared.
  ///
  /// - Throws: `DataError` where it is none.
  public init(opening path: String) throws(DataError) {
    let json = try Self.read("\(path)/study.json")
    self.path = path
    request = Request(
      plan: try Self.read("\(path)/run.json")["plan"]?.text ?? "",
      analyses: json["analyses"].flatMap { $0 == .null ? nil : $0.elements.compactMap(\.text) },
      replicates: Int(json["replicates"]?.double ?? 0), seed: json["seed"]?.double.map { Int($0) },
      scenarios: json["scenarios"].flatMap { $0 == .null ? nil : $0.elements.compactMap(\.text) },
      alpha: json["alpha"]?.double ?? 0.05, truthParticipants: Int(json["truth.participants"]?.double ?? 0))
  }

  private static func json(_ request: Request) -> JSONValue {
    [
      "software": ["name": "hekta", "version": .string(Software.version)],
      "analyses": request.analyses.map { .strings($0) } ?? .null, "replicates": .integer(request.replicates),
      "seed": request.seed.map { .integer($0) } ?? .null,
      "scenarios": request.scenarios.map { .strings($0) } ?? .null, "alpha": .number(Optional(request.alpha)),
      "truth.participants": .integer(request.truthParticipants),
    ]
  }

  private static func read(_ path: String) throws(DataError) -> JSONValue {
    let text = try TextFile(path: path).text
    do {
      return try JSONValue(parsing: text)
    } catch {
      throw DataError([DataProblem(file: path, found: "\(error)", expected: "a file of hekta power expected")]
      )
    }
  }

  // MARK: Shards

  /// The hash of what decides the trials of a study: software, plan, analyses, seed, scenarios and their number.
  ///
  /// A shard of another study in the same folder is none of this one's: it is run anew.
  public func hash(of study: PowerStudy) -> String {
    FileDigest.sha256(
      text: [
        "hekta \(Software.version)", "plan \(study.plan.sha256)", "codebook \(study.codebookDigest)",
        "data \(study.dataDigest)", "analyses \(study.plan.analysisIDs.joined(separator: " "))",
        "seed \(study.seed)", "replicates \(request.replicates)",
        "scenarios \(request.scenarios?.joined(separator: " ") ?? "all")",
      ].joined(separator: "\n"))
  }

  /// True where a shard's trials are there.
  ///
  /// - Parameter hash: of the study that they must be of.
  public func hasShard(_ number: Int, of count: Int, hash: String) -> Bool {
    let shard = try? Self.read("\(path)/shards/\(number)-of-\(count).json")
    return shard?["study"]?.text == hash
  }

  /// Writes the trials of a shard, by scenario.
  ///
  /// - Throws: `OutputError`.
  public func write(
    _ trials: [(scenario: PowerStudy.Scenario, trials: [PowerStudy.Trial])], shard number: Int, of count: Int,
    hash: String
  ) throws(OutputError) {
    let json = JSONValue.object(
      [.init("study", .string(hash))]
        + trials.map { .init($0.scenario.rawValue, .array($0.trials.map(\.json))) })
    try AtomicOutput.write(json.text(indented: false) + "\n", to: "\(path)/shards/\(number)-of-\(count).json")
  }

  /// The trials of all shards by scenario, in the order of their numbers, and the numbers that no shard has.
  ///
  /// - Parameter hash: of the study that the trials must be of.
  /// - Throws: `DataError` where a shard cannot be read.
  public func trials(
    _ scenario: PowerStudy.Scenario, hash: String
  ) throws(DataError) -> (trials: [PowerStudy.Trial], missing: [Int]) {
    var found: [Int: PowerStudy.Trial] = [:]
    for name in shardNames() {
      let shard = try Self.read("\(path)/shards/\(name)")
      guard shard["study"]?.text == hash else { continue }
      for json in shard[scenario.rawValue]?.elements ?? [] {
        let trial = PowerStudy.Trial(json)
        found[trial.replicate] = trial
      }
    }
    let wanted = 0..<request.replicates
    return (wanted.compactMap { found[$0] }, wanted.filter { found[$0] == nil })
  }

  private func shardNames() -> [String] {
    FolderContents.names(of: "\(path)/shards").filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
  }
}

/// A path that holds from any folder.
private func absolute(_ path: String) -> String {
  guard let full = realpath(path, nil) else { return path }
  defer { free(full) }
  return String(cString: full)
}

extension PowerStudy.Trial {
  fileprivate var json: JSONValue {
    [
      "replicate": .integer(replicate), "failure": .string(failure),
      "estimates": .array(
        estimates.map {
          [
            "id": .string($0.id), "measure": .string($0.measure), "estimate": .number($0.estimate),
            "std.error": .number($0.standardError), "conf.low": .number($0.low),
            "conf.high": .number($0.high),
            "p.value": .number($0.pValue), "usable": .bool($0.isUsable),
          ]
        }),
    ]
  }

  fileprivate init(_ json: JSONValue) {
    replicate = Int(json["replicate"]?.double ?? -1)
    failure = json["failure"]?.text
    estimates = (json["estimates"]?.elements ?? []).map {
      PowerStudy.Estimate(
        id: $0["id"]?.text ?? "", measure: $0["measure"]?.text ?? "", estimate: $0["estimate"]?.double,
        standardError: $0["std.error"]?.double, low: $0["conf.low"]?.double, high: $0["conf.high"]?.double,
        pValue: $0["p.value"]?.double, isUsable: $0["usable"] == .bool(true))
    }
  }
}
