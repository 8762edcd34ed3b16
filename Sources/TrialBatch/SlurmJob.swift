/// A batch as jobs of Slurm: one array of shards, and a job that gathers when all of them have ended.
///
/// The tasks need the batch's folder on a file system that all nodes see, the program, and nothing else: no network, no
/// database, no process of ours that waits. Nothing is written under the user's home; what is temporary goes to
/// `$SLURM_TMPDIR`, `$TMPDIR` or `$SCRATCH`.
public struct SlurmJob: Sendable {
  /// What the user asks of the cluster; nil leaves it to the cluster's defaults.
  public struct Resources: Sendable {
    public var partition: String?
    /// The time limit of a task, as `sbatch --time` takes it.
    public var time: String?
    /// The memory of a task, as `sbatch --mem` takes it.
    public var memory: String?
    public var account: String?
    /// The cores of a task.
    public var cores = 1

    public init() {}
  }

  private let name: String
  private let folder: String
  private let program: String
  private let subcommand: String
  private let shards: Int
  private let resources: Resources

  /// - Parameters:
  ///   - name: the batch's id, for the queue.
  ///   - folder: the absolute path of the batch's folder.
  ///   - program: the absolute path of the program on the nodes.
  ///   - subcommand: `batch` or `power`.
  ///   - shards: how many tasks the array has.
  public init(
    name: String, folder: String, program: String, subcommand: String, shards: Int, resources: Resources
  ) {
    self.name = name
    self.folder = folder
    self.program = program
    self.subcommand = subcommand
    self.shards = shards
    self.resources = resources
  }

  /// The script of the array's tasks.
  public var arrayScript: String {
    """
    #!/bin/bash
    #SBATCH --job-name=\(name)
    #SBATCH --array=1-\(shards)
    #SBATCH --output=\(pattern("%A-%a.txt"))
    \(options(cores: resources.cores))
    set -eu
    \(Self.temporary)
    exec \(quoted(program)) \(subcommand) --out \(quoted(folder)) \\
      --shard "$SLURM_ARRAY_TASK_ID/\(shards)" --jobs "${SLURM_CPUS_PER_TASK:-1}"

    """
  }

  /// The script of the job that stacks the results.
  public var gatherScript: String {
    """
    #!/bin/bash
    #SBATCH --job-name=\(name)-gather
    #SBATCH --output=\(pattern("gather-%j.txt"))
    \(options(cores: 1))
    set -eu
    \(Self.temporary)
    exec \(quoted(program)) \(subcommand) --out \(quoted(folder)) --gather

    """
  }

  /// One script that prepares, runs and gathers, for a cluster where program, batch file and data are only copied to.
  ///
  /// The places of the three are variables at its head; the preparation is a job of its own, so that nothing but `sbatch`
  /// runs where it is submitted.
  ///
  /// - Parameters:
  ///   - file: the name of the batch or plan file.
  ///   - fileOption: the option that takes the file, such as `--simulate`; none where it is an argument.
  ///   - options: what else the job that prepares is told.
  public func portableScript(file: String, fileOption: String?, options preparation: [String]) -> String {
    let words = [fileOption].compactMap { $0 } + [#""$BATCH" --out "$OUT""#] + preparation.map(quoted)
    return """
      #!/bin/bash
      # Submits \(name): a job that prepares, an array of \(shards) tasks, and a job that gathers when they have ended.
      # Copy hekta, the file named next and the trial's folder beside this script, or set the variables.
      file=\(quoted(file))
      set -eu
      umask 077
      export HEKTA="${HEKTA:-$PWD/hekta}"
      export BATCH="${BATCH:-$PWD/$file}"
      export OUT="${OUT:-${SCRATCH:-$PWD}/\(name)}"
      mkdir -p "$OUT/log"

      prepare=$(sbatch --parsable --output="$OUT/log/prepare-%j.txt" <<'END'
      #!/bin/bash
      #SBATCH --job-name=\(name)-prepare
      \(options(cores: 1))
      set -eu
      exec "$HEKTA" \(subcommand) \(words.joined(separator: " ")) --resume --prepare
      END
      )

      array=$(sbatch --parsable --dependency="afterok:${prepare%%;*}" --kill-on-invalid-dep=yes --output="$OUT/log/%A-%a.txt" <<'END'
      #!/bin/bash
      #SBATCH --job-name=\(name)
      #SBATCH --array=1-\(shards)
      \(options(cores: resources.cores))
      set -eu
      \(Self.temporary)
      exec "$HEKTA" \(subcommand) --out "$OUT" --shard "$SLURM_ARRAY_TASK_ID/\(shards)" --jobs "${SLURM_CPUS_PER_TASK:-1}"
      END
      )

      gather=$(sbatch --parsable --dependency="afterany:${array%%;*}" --output="$OUT/log/gather-%j.txt" <<'END'
      #!/bin/bash
      #SBATCH --job-name=\(name)-gather
      \(options(cores: 1))
      set -eu
      \(Self.temporary)
      exec "$HEKTA" \(subcommand) --out "$OUT" --gather
      END
      )
      echo "$OUT: array job ${array%%;*}, gathered by job ${gather%%;*}"

      """
  }

  /// The place of a task's log as `#SBATCH` takes it: a % of the folder's is doubled, one with a space stands in quotes.
  private func pattern(_ name: String) -> String {
    let path =
      "\(folder.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%"))/log/\(name)"
    return path.contains(where: \.isWhitespace) ? "\"\(path)\"" : path
  }

  private func options(cores: Int) -> String {
    var lines = ["#SBATCH --cpus-per-task=\(cores)", "#SBATCH --ntasks=1"]
    if let partition = resources.partition { lines.append("#SBATCH --partition=\(partition)") }
    if let time = resources.time { lines.append("#SBATCH --time=\(time)") }
    if let memory = resources.memory { lines.append("#SBATCH --mem=\(memory)") }
    if let account = resources.account { lines.append("#SBATCH --account=\(account)") }
    return lines.joined(separator: "\n")
  }

  private static let temporary = #"export TMPDIR="${SLURM_TMPDIR:-${TMPDIR:-${SCRATCH:-/tmp}}}""#

  private func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}
