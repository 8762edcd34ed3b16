import ArgumentParser
import Glibc
import Reruns
import TrialBatch
import TrialData

/// `hekta batch BATCH.yml --out DIR`: a grid of analyses, on this machine or as a job array of Slurm.
struct BatchCommand: ParsableCommand {
  /// Where the cells are run.
  enum Executor: String, ExpressibleByArgument, CaseIterable { case local, slurm }

  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Runs every cell of a grid of plans, data sets, filters, covariates, definitions and seeds.",
    discussion: """
      Each cell is a run with results of its own under OUT/cells; results.csv and results.sqlite stack them, and \
      curve-*.svg show each chosen estimate over all cells. A cell that fails is a row with its reason. A run that was \
      killed goes on with --resume: finished cells, told by the hash of everything that decides their numbers, are not \
      run again. Exit code 4 where a cell has failed.

      Examples:
        hekta batch docs/batch-example.yml --out batch --jobs 2
        hekta batch docs/batch-example.yml --out batch --resume
        hekta batch docs/batch-example.yml --out $SCRATCH/batch --executor slurm --partition normal --time 00:30:00
      """)

  @Argument(help: ArgumentHelp("The batch file.", valueName: "file"))
  var batch: String?

  @Option(help: ArgumentHelp("The folder of the batch.", valueName: "dir"))
  var out: String?

  @Option(help: ArgumentHelp("How many cells run at a time (one a core).", valueName: "number"))
  var jobs: Int?

  @Flag(help: "Go on with the batch in OUT, whose finished cells are kept.")
  var resume = false

  @Flag(help: "With --resume, run cells that failed once more.")
  var retryFailed = false

  @Flag(help: "Start anew where OUT holds a batch.")
  var force = false

  @Flag(help: "Prepare OUT and list the cells; run none.")
  var prepare = false

  @Option(help: "Where the cells run.")
  var executor = Executor.local

  @OptionGroup(title: "Slurm") var cluster: ClusterOptions

  @Option(help: ArgumentHelp("Run the cells of one shard of a prepared batch.", valueName: "k/n"))
  var shard: Shard?

  @Flag(help: "Stack the results of a prepared batch.")
  var gather = false

  @Flag(help: .hidden)
  var worker = false

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs: found \(jobs), expected a number from 1") }
    if cluster.renderSlurm { return }
    if out == nil { throw ValidationError("--out: expected the folder of the batch") }
    if batch == nil, !(shard != nil || gather || worker) { throw ValidationError("expected a batch file") }
    if retryFailed, !resume, shard == nil { throw ValidationError("--retry-failed: expected with --resume") }
    if force, resume { throw ValidationError("--force and --resume exclude each other") }
  }

  func run() throws {
    if cluster.renderSlurm { return try render() }
    let out = folder
    do {
      if worker { return try WorkerPool.serve(BatchDirectory(opening: out)) }
      if shard != nil || gather {
        _ = try BatchDirectory.lock(out, shared: !gather)
        let directory = try BatchDirectory(opening: out)
        if gather { return try stack(directory) }
        return try work(directory, places: shard!.part(of: directory.unfinished(retryingFailed: retryFailed)))
      }
      let prepared = try PreparedBatch(BatchPlan(path: batch!))
      for mistake in prepared.mistakes { Terminal.note("warning: \(mistake)") }
      try makeFolder(out)
      let lock = try BatchDirectory.lock(out, shared: false)
      try checkPlace(out)
      let directory = try BatchDirectory.prepare(prepared, at: out)
      directory.tidy()
      if prepare { return list(directory) }
      if executor == .slurm { return try submit(directory, name: prepared.plan.id, lock) }
      try work(directory, places: directory.unfinished(retryingFailed: retryFailed))
      try stack(directory)
    } catch let busy as BatchDirectory.Busy {
      throw CommandFailure(.cannotCreate, busy.description)
    }
  }

  /// The folder; a relative one below $SCRATCH where the cells run on a cluster.
  private var folder: String {
    let out = out ?? ""
    guard executor == .slurm, !out.hasPrefix("/"), let scratch = getenv("SCRATCH") else { return out }
    return "\(String(cString: scratch))/\(out)"
  }

  /// Makes the folder.
  private func makeFolder(_ out: String) throws {
    if executor == .slurm, let home = getenv("HOME").map({ String(cString: $0) }), home != "/",
      out == home || out.hasPrefix(home + "/")
    {
      throw CommandFailure(
        .cannotCreate, "\(out): a cluster's jobs write below $SCRATCH, not below the home folder")
    }
    try AtomicOutput.makeDirectory(out)
  }

  /// Refuses a folder that holds a batch already, unless asked to go on with it or to start anew.
  private func checkPlace(_ out: String) throws {
    if resume { return }
    if access("\(out)/batch.json", F_OK) == 0 {
      guard force else {
        throw OutputError(
          path: out, reason: "a batch is there (--resume goes on with it, --force starts anew)", exitCode: 73)
      }
      BatchDirectory.clear(out)
    } else if !BatchDirectory.isEmpty(out) {
      throw OutputError(path: out, reason: "the directory exists and is not empty", exitCode: 73)
    }
  }

  private func list(_ directory: BatchDirectory) {
    for cell in directory.batch.cells {
      let state = directory.outcome(of: cell)?.status ?? cell.fault ?? "to run"
      Terminal.print("\(cell.name) \(cell.id)  \(state)\n")
    }
  }

  // MARK: Here

  private func work(_ directory: BatchDirectory, places: [Int]) throws {
    let count = directory.batch.cells.count
    guard !places.isEmpty else {
      Terminal.note("\(directory.path): every cell of \(count) is finished")
      return
    }
    let pool = WorkerPool(
      directory, program: WorkerPool.ownProgram, arguments: ["batch", "--out", directory.path, "--worker"])
    try pool.run(places, jobs: jobs ?? RunRecord.cores) { progress in
      let failed = progress.failed > 0 ? ", \(progress.failed) failed" : ""
      let left = progress.remaining.map { ", about \(Self.duration($0)) left" } ?? ""
      Terminal.progress("[\(progress.done)/\(progress.count)]\(failed)\(left)")
    }
    Terminal.progress("")
    Terminal.note("\(directory.path): \(places.count) of \(count) cells run")
  }

  private func stack(_ directory: BatchDirectory) throws {
    directory.tidy()
    let (unfinished, warnings) = try StackedResults.write(directory)
    for warning in warnings { Terminal.note("warning: \(warning)") }
    guard unfinished.isEmpty else {
      throw CommandFailure(
        .noUsableFit,
        "\(unfinished.count) of \(directory.batch.cells.count) cells are not finished (cells.csv names them); "
          + "go on with --resume")
    }
    let failed = directory.batch.cells.filter { directory.outcome(of: $0)?.isFailure ?? true }
    guard !failed.isEmpty else { return }
    let shown = failed.prefix(3).map { "\($0.id): \(directory.outcome(of: $0)?.reason ?? "")" }
    let more = failed.count > 3 ? "\n…" : ""
    throw CommandFailure(
      .noUsableFit,
      "\(failed.count) of \(directory.batch.cells.count) cells failed:\n" + shown.joined(separator: "\n")
        + more)
  }

  static func duration(_ seconds: Double) -> String {
    if seconds < 90 { return "\(Int(seconds.rounded(.up))) s" }
    if seconds < 5400 { return "\(Int((seconds / 60).rounded(.up))) min" }
    return "\(Int((seconds / 3600).rounded(.up))) h"
  }

  // MARK: A cluster

  private func submit(_ directory: BatchDirectory, name: String, _ lock: BatchDirectory.Lock) throws {
    let places = directory.unfinished(retryingFailed: retryFailed)
    guard !places.isEmpty else { return try stack(directory) }
    let shards = min(cluster.shards ?? 64, places.count)
    lock.release()
    try cluster.submit(name: name, folder: directory.path, subcommand: "batch", shards: shards)
  }

  private func render() throws {
    guard let batch else { throw CommandFailure(.usage, "--render-slurm: expected a batch file") }
    let plan = try BatchPlan(path: batch)
    let count = plan.combinations().count
    Terminal.print(
      cluster.rendered(
        name: plan.id, subcommand: "batch", shards: min(cluster.shards ?? 64, count), file: batch))
  }
}

/// One part of the cells: every n-th of them.
struct Shard: ExpressibleByArgument {
  let number: Int
  let count: Int

  init?(argument: String) {
    let parts = argument.split(separator: "/").map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(number)
    else { return nil }
    self.number = number
    self.count = count
  }

  /// The places whose number leaves the shard's remainder: the same whatever is finished already.
  func part(of places: [Int]) -> [Int] { places.filter { $0 % count == number - 1 } }
}
