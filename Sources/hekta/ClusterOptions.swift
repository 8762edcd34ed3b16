import ArgumentParser
import Glibc
import TrialBatch
import TrialData

/// What a command asks of Slurm.
struct ClusterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The partition.", valueName: "name"))
  var partition: String?

  @Option(help: ArgumentHelp("The time limit of a task, such as 00:30:00.", valueName: "time"))
  var time: String?

  @Option(
    name: .customLong("mem"), help: ArgumentHelp("The memory of a task, such as 2G.", valueName: "size"))
  var memory: String?

  @Option(help: ArgumentHelp("The account to charge.", valueName: "name"))
  var account: String?

  @Option(name: .customLong("cpus"), help: ArgumentHelp("The cores of a task.", valueName: "number"))
  var cores = 1

  @Option(help: ArgumentHelp("How many tasks the array has (64 at most, one a cell).", valueName: "number"))
  var shards: Int?

  @Flag(help: "Print the scripts for a cluster where this program is only copied to; submit nothing.")
  var renderSlurm = false

  @Flag(help: "Return when the job that gathers has ended.")
  var wait = false

  func validate() throws {
    if cores < 1 { throw ValidationError("--cpus: found \(cores), expected a number from 1") }
    if let shards, shards < 1 { throw ValidationError("--shards: found \(shards), expected a number from 1") }
    for (name, value) in [
      ("--partition", partition), ("--time", time), ("--mem", memory), ("--account", account),
    ] {
      if let value, value.contains(where: { $0.isWhitespace || $0 == "\"" || $0 == "'" }) || value.isEmpty {
        throw ValidationError("\(name): found '\(value)', expected a word as sbatch takes it")
      }
    }
  }

  private var resources: SlurmJob.Resources {
    var resources = SlurmJob.Resources()
    resources.partition = partition
    resources.time = time
    resources.memory = memory
    resources.account = account
    resources.cores = cores
    return resources
  }

  /// The scripts as one file that submits them.
  ///
  /// - Parameters:
  ///   - fileOption: the option that takes the file; none where it is an argument.
  ///   - options: what else the job that prepares is told.
  func rendered(
    name: String, subcommand: String, shards: Int, file: String, fileOption: String? = nil,
    options: [String] = []
  ) -> String {
    let base = file.lastIndex(of: "/").map { String(file[file.index(after: $0)...]) } ?? file
    return SlurmJob(
      name: name, folder: "", program: "", subcommand: subcommand, shards: shards, resources: resources
    ).portableScript(file: base, fileOption: fileOption, options: options)
  }

  /// Writes the scripts below the folder and submits them.
  ///
  /// - Throws: `CommandFailure` where `sbatch` is not there or refuses.
  func submit(name: String, folder: String, subcommand: String, shards: Int) throws {
    let full = realpath(folder, nil).map { path in
      defer { free(path) }
      return String(cString: path)
    }
    let folder = full ?? folder
    let job = SlurmJob(
      name: name, folder: folder, program: WorkerPool.ownProgram, subcommand: subcommand, shards: shards,
      resources: resources)
    for directory in ["\(folder)/slurm", "\(folder)/log"] { try AtomicOutput.makeDirectory(directory) }
    try AtomicOutput.write(job.arrayScript, to: "\(folder)/slurm/array.sh")
    try AtomicOutput.write(job.gatherScript, to: "\(folder)/slurm/gather.sh")
    let array = try Self.sbatch(["--parsable", "\(folder)/slurm/array.sh"])
    Terminal.note("\(folder): array job \(array) of \(shards) tasks")
    let waiting = wait ? ["--wait"] : []
    let gather = try Self.sbatch(
      ["--parsable"] + waiting + ["--dependency=afterany:\(array)", "\(folder)/slurm/gather.sh"])
    Terminal.note("\(folder): job \(gather) gathers when the array has ended")
  }

  /// Submits a script and gives the job's id.
  private static func sbatch(_ arguments: [String]) throws -> String {
    let result: ChildProcess.Result
    do {
      result = try ChildProcess.run("sbatch", arguments)
    } catch {
      throw CommandFailure(.noInput, "sbatch: \(error.reason); is this a machine of a Slurm cluster?")
    }
    let id = result.output.split(whereSeparator: { $0 == ";" || $0.isNewline }).first.map(String.init) ?? ""
    guard result.status == 0 || (arguments.contains("--wait") && !id.isEmpty) else {
      throw CommandFailure(.noInput, "sbatch ended with code \(result.status)")
    }
    guard result.status == 0 else {
      throw CommandFailure(
        .noUsableFit, "the job \(id) ended with code \(result.status); its words are in the folder log")
    }
    return id
  }
}
