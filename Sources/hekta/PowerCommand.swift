import ArgumentParser
import Glibc
import Reruns
import Serialisation
import TrialAnalysis
import TrialBatch
import TrialData

/// `hekta power --simulate PLAN.yml --replicates N`: how a plan's analyses do over simulated trials.
struct PowerCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  static let configuration = CommandConfiguration(
    commandName: "power",
    abstract:
      "Draws trials from a plan's model, analyses each as planned, and reports power, bias and coverage.",
    discussion: """
      The plan says under 'simulate' where trials come from. Reported are the share of trials whose test rejects (power; \
      with no effect, the type I error), bias, the empirical and the model's standard error, and coverage, each with its \
      Monte-Carlo error; digits beyond that error are not printed. The numbers depend on the seed alone, not on threads \
      or machines. For sample sizes by formula see hekta test power.

      Examples:
        hekta power --simulate Fixtures/hekta/plan.yml --replicates 1000
        hekta power --simulate plan.yml --replicates 10000 --analyses employment-logistic.adjusted,job-cox --format json
        hekta power --simulate plan.yml --replicates 100000 --out $SCRATCH/power --executor slurm
      """)

  @Option(help: ArgumentHelp("The plan.", valueName: "file"))
  var simulate: String?

  @Option(help: ArgumentHelp("How many trials are drawn.", valueName: "number"))
  var replicates = 1000

  @Option(
    help: ArgumentHelp(
      "The analyses, by id, or single models of them: job-cox, job-cox.adjusted (the primary ones).",
      valueName: "ids"))
  var analyses: String?

  @Option(help: ArgumentHelp("effect, null or both.", valueName: "name"))
  var scenario = "both"

  @Option(help: ArgumentHelp("The level of the tests.", valueName: "number"))
  var alpha = 0.05

  @Option(
    help: ArgumentHelp(
      "The participants of the trial whose estimates stand for the truth; 0 for none.", valueName: "number"))
  var truthParticipants = 50_000

  @Option(help: ArgumentHelp("A seed in place of the plan's.", valueName: "number"))
  var seed: Int?

  @Option(help: ArgumentHelp("How many trials run at a time (one a core).", valueName: "number"))
  var jobs: Int?

  @Option(help: "text or json.")
  var format = Format.text

  @Option(help: ArgumentHelp("The folder in which several processes share the trials.", valueName: "dir"))
  var out: String?

  @Flag(help: "Go on with the study in OUT, whose finished shards are kept.")
  var resume = false

  @Flag(help: "Prepare OUT; run nothing.")
  var prepare = false

  @Option(help: "Where the trials run.")
  var executor = BatchCommand.Executor.local

  @OptionGroup(title: "Slurm") var cluster: ClusterOptions

  @Option(help: ArgumentHelp("Run the trials of one shard of a prepared study.", valueName: "k/n"))
  var shard: Shard?

  @Flag(help: "Sum up a study whose shards are there.")
  var gather = false

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs: found \(jobs), expected a number from 1") }
    if let seed, seed < 0 { throw ValidationError("--seed: found \(seed), expected a number from 0") }
    if replicates < 2 { throw ValidationError("--replicates: found \(replicates), expected a number from 2") }
    if !(alpha > 0 && alpha < 1) {
      throw ValidationError("--alpha: found \(alpha), expected a number between 0 and 1")
    }
    if truthParticipants != 0, truthParticipants < 100 {
      throw ValidationError(
        "--truth-participants: found \(truthParticipants), expected 0 or a number from 100")
    }
    if !["effect", "null", "both"].contains(scenario) {
      throw ValidationError("--scenario: found '\(scenario)', expected effect, null or both")
    }
    let isPart = shard != nil || gather
    if isPart || executor == .slurm || prepare, out == nil, !cluster.renderSlurm {
      throw ValidationError("--out: expected the folder of the study")
    }
    if !isPart, simulate == nil { throw ValidationError("--simulate: expected a plan") }
  }

  func run() throws {
    if cluster.renderSlurm {
      return Terminal.print(
        cluster.rendered(
          name: "power", subcommand: "power", shards: cluster.shards ?? 16, file: simulate!,
          fileOption: "--simulate", options: asked))
    }
    if shard != nil || gather {
      let directory = try PowerDirectory(opening: out!)
      return gather ? try sumUp(directory) : try work(directory, shard!)
    }
    guard let out = folder else {
      let study = try study(request)
      return try report(
        try answer(study, request) { study, scenario in trials(study, scenario, all: request) })
    }
    if !resume, access("\(out)/study.json", F_OK) == 0 {
      throw OutputError(path: out, reason: "a study is there (--resume goes on with it)", exitCode: 73)
    }
    _ = try study(request)
    let directory = try PowerDirectory(preparing: out, for: request)
    if prepare { return }
    if executor == .slurm {
      return try cluster.submit(
        name: "power", folder: out, subcommand: "power", shards: cluster.shards ?? 16)
    }
    try work(directory, Shard(argument: "1/1")!)
    try sumUp(directory)
  }

  /// The folder; a relative one below $SCRATCH where the trials run on a cluster.
  private var folder: String? {
    guard let out, executor == .slurm, !out.hasPrefix("/"), let scratch = getenv("SCRATCH") else {
      return out
    }
    return "\(String(cString: scratch))/\(out)"
  }

  private var request: PowerDirectory.Request {
    PowerDirectory.Request(
      plan: simulate!, analyses: analyses.map { $0.split(separator: ",").map(String.init) },
      replicates: replicates, seed: seed, scenarios: scenario == "both" ? nil : [scenario], alpha: alpha,
      truthParticipants: truthParticipants)
  }

  /// What is asked of the study, as options.
  private var asked: [String] {
    [
      "--replicates", String(replicates), "--scenario", scenario, "--alpha", alpha.description,
      "--truth-participants", String(truthParticipants),
    ] + (analyses.map { ["--analyses", $0] } ?? []) + (seed.map { ["--seed", String($0)] } ?? [])
  }

  private func study(_ request: PowerDirectory.Request) throws -> PowerStudy {
    let plan = try PlanRunner.plan(path: request.plan)
    let folder = request.plan.lastIndex(of: "/").map { String(request.plan[..<$0]) } ?? "."
    let codebook = try Codebook(path: "\(folder)/\(plan.codebook?.value ?? PlanRunner.defaultCodebook)")
    return try PowerStudy(
      plan: plan, codebook: codebook, dataDirectory: folder, analyses: request.analyses, seed: request.seed)
  }

  private static func scenarios(_ study: PowerStudy, _ request: PowerDirectory.Request) -> [PowerStudy
    .Scenario]
  {
    study.scenarios.filter { request.scenarios?.contains($0.rawValue) ?? true }
  }

  // MARK: Trials

  private func trials(
    _ study: PowerStudy, _ scenario: PowerStudy.Scenario, all request: PowerDirectory.Request
  ) -> [PowerStudy.Trial] {
    trials(study, scenario, Array(0..<request.replicates))
  }

  private func trials(_ study: PowerStudy, _ scenario: PowerStudy.Scenario, _ replicates: [Int])
    -> [PowerStudy.Trial]
  {
    let step = max(1, replicates.count / 200)
    let result = study.trials(scenario, replicates, jobs: jobs ?? RunRecord.cores) { done in
      if done % step == 0 { Terminal.progress("\(scenario.rawValue): \(done) of \(replicates.count) trials") }
    }
    Terminal.progress("")
    return result
  }

  private func work(_ directory: PowerDirectory, _ shard: Shard) throws {
    let study = try study(directory.request)
    let hash = directory.hash(of: study)
    if directory.hasShard(shard.number, of: shard.count, hash: hash) { return }
    let replicates = shard.part(of: Array(0..<directory.request.replicates))
    let parts = Self.scenarios(study, directory.request).map { ($0, trials(study, $0, replicates)) }
    try directory.write(parts, shard: shard.number, of: shard.count, hash: hash)
  }

  // MARK: The answer

  private struct Answer {
    var study: PowerStudy
    var request: PowerDirectory.Request
    var parts: [(scenario: PowerStudy.Scenario, summaries: [PowerSummary], failed: [PowerStudy.Trial])]
  }

  private func answer(
    _ study: PowerStudy, _ request: PowerDirectory.Request,
    _ trials: (PowerStudy, PowerStudy.Scenario) throws -> [PowerStudy.Trial]
  ) throws -> Answer {
    let scenarios = Self.scenarios(study, request)
    if scenarios.isEmpty {
      throw CommandFailure(.usage, "--scenario: this model draws trials without an effect alone")
    }
    var parts: [(scenario: PowerStudy.Scenario, summaries: [PowerSummary], failed: [PowerStudy.Trial])] = []
    for scenario in scenarios {
      let trials = try trials(study, scenario)
      let truth =
        scenario == .effect && request.truthParticipants > 0
        ? study.truth(participants: request.truthParticipants) : nil
      parts.append(
        (
          scenario,
          PowerSummary.summaries(
            of: trials, truth: truth, scenario: scenario, alpha: request.alpha, level: study.plan.level),
          trials.filter { $0.failure != nil }
        ))
    }
    return Answer(study: study, request: request, parts: parts)
  }

  private func sumUp(_ directory: PowerDirectory) throws {
    let study = try study(directory.request)
    let hash = directory.hash(of: study)
    let answer = try answer(study, directory.request) { _, scenario in
      let (trials, missing) = try directory.trials(scenario, hash: hash)
      guard missing.isEmpty else {
        throw CommandFailure(
          .noUsableFit,
          "\(missing.count) of \(directory.request.replicates) trials are not finished; go on with --resume")
      }
      return trials
    }
    try AtomicOutput.write(json(answer).text(indented: true) + "\n", to: "\(directory.path)/power.json")
    try report(answer)
  }

  private func report(_ answer: Answer) throws {
    switch format {
    case .json: Terminal.print(json(answer).text(indented: true) + "\n")
    case .text: Terminal.print(text(answer))
    }
    if let failure = answer.parts.flatMap(\.failed).first {
      let count = answer.parts.reduce(0) { $0 + $1.failed.count }
      Terminal.note(
        "warning: \(count) trials could not be analysed; the first, number \(failure.replicate): \(failure.failure!)"
      )
    }
  }

  private func json(_ answer: Answer) -> JSONValue {
    [
      "plan": ["sha256": .string(answer.study.plan.sha256)], "seed": .integer(answer.study.seed),
      "participants": .integer(answer.study.participants), "replicates": .integer(answer.request.replicates),
      "alpha": .number(Optional(answer.request.alpha)),
      "conf.level": .number(Optional(answer.study.plan.level)),
      "truth.participants": .integer(answer.request.truthParticipants),
      "scenarios": .array(
        answer.parts.map { part in
          [
            "scenario": .string(part.scenario.rawValue), "failed": .integer(part.failed.count),
            "results": .array(part.summaries.map(\.json)),
          ]
        }),
    ]
  }

  private func text(_ answer: Answer) -> String {
    var text = "\(answer.request.replicates) simulated trials of \(answer.study.participants) participants, "
    text += "seed \(answer.study.seed), tests at level \(NumberText.significant(answer.request.alpha))\n"
    for part in answer.parts {
      let isNull = part.scenario == .null
      text += "\n" + (isNull ? "No effect" : "The effect of the plan's model") + "\n\n"
      var table = TextTable(
        header: [
          "estimate", "truth", "mean", "bias", "empirical SE", "model SE", "coverage",
          isNull ? "type I error" : "power", "no fit",
        ])
      for summary in part.summaries {
        table.rows.append(
          [summary.id + (summary.isLogarithmic ? " (log)" : "")]
            + [
              summary.truth, summary.mean, summary.bias, summary.empiricalError, summary.modelError,
              summary.coverage, summary.rejection,
            ].map { $0?.textWithError ?? "" }
            + [summary.failures == 0 ? "" : String(summary.failures)])
      }
      table.alignsRight = [false] + Array(repeating: true, count: 8)
      text += table.plain
    }
    text += "\nIn parentheses the Monte-Carlo error; digits beyond it are not printed"
    text +=
      answer.request.truthParticipants > 0 && answer.parts.contains { $0.scenario == .effect }
      ? "; the truth is the estimate from one simulated trial of \(answer.request.truthParticipants) participants.\n"
      : ".\n"
    return text
  }
}
