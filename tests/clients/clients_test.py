#!/usr/bin/env python3
"""The vendor's samples and its official Node client, unchanged, against a running Belay over TLS.

samples/ holds the text of the documentation's examples. A test puts its account, passcode and
campaign id for the example's placeholders, and nothing else: the URL stays
https://in1.api.clevertap.com/1/targets/stop.json. Around a sample there are
  - name_override.c for the name and the port (an /etc/hosts and a port 443 of the test's own),
  - the trust in the authority that `belay certs` made, by each language's usual environment setting,
  - where the sample prints nothing, a line in front or behind that prints the response.
"""
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
import program  # noqa: E402

BELAY = os.environ.get("BELAY", "build/release/belay")
NAME_OVERRIDE = os.environ.get("NAME_OVERRIDE", "")  # the library
PREPARED = Path(os.environ.get("PREPARED", "."))  # what prepare.sh filled
PYTHON = os.environ.get("PYTHON_WITH_REQUESTS", sys.executable)
ACCOUNT, PASSCODE = program.ACCOUNT
SUCCESS = {"status": "success"}


def day(ahead):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=ahead)).strftime("%Y%m%d")


class Clients(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="belay-clients-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.sink = program.Sink(Path(BELAY).resolve(), self.folder)
        self.addCleanup(self.sink.end)
        config = program.config_text(self.sink.address, [])
        self.server = program.Belay(Path(BELAY).resolve(), self.folder, config, tls=True)
        self.server.start()
        self.addCleanup(self.server.end)

    # --- a sample's surroundings ---

    def environment(self, **more):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
                       "LD_PRELOAD": NAME_OVERRIDE,
                       "BELAY_NAME_OVERRIDE": f"{program.TLS_HOST}={self.server.ready['tls_listen']}"}
        environment.update({name: str(value) for name, value in more.items()})
        return environment

    def sample(self, name, campaign, passcode=PASSCODE):
        """The sample with its placeholders filled, in a file."""
        text = (HERE / "samples" / name).read_text()
        for placeholder, value in (("ACCOUNT_ID", ACCOUNT), ("PASSCODE", passcode), ("1457432766", str(campaign))):
            self.assertEqual(len(re.findall(rf"\b{placeholder}\b", text)), 1, f"{placeholder} in {name}")
            text = re.sub(rf"\b{placeholder}\b", value, text)
        path = self.folder / name
        path.write_text(text)
        return path

    def run_client(self, command, **environment):
        done = subprocess.run([str(part) for part in command], cwd=self.folder, env=self.environment(**environment),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60 * program.PATIENCE,
                              check=False)
        server_log = self.server.process.tail(10)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}\nserver:\n{server_log}")
        return done.stdout

    # --- what Belay says about campaigns ---

    def ask(self, path, document):
        answer = self.server.ask("POST", path, document)
        self.assertEqual(answer.status, 200, answer.text)
        return json.loads(answer.text)

    def scheduled_campaign(self):
        for records in program.profile_batches(0, 3, tokens=True):
            self.ask("/1/upload", {"d": records})
        created = self.ask("/1/targets/create.json", {
            "name": "To be stopped", "target_mode": "push", "where": {}, "devices": ["android"],
            "content": {"title": "Hello", "body": "World"}, "when": f"{day(2)} 10:00"})
        self.assertEqual(self.status_of(created["id"]), "pending")
        return created["id"]

    def status_of(self, campaign):
        listed = self.ask("/1/targets/list.json", {"from": int(day(0)), "to": int(day(4))})
        return {entry["id"]: entry["status"] for entry in listed["targets"]}[campaign]

    def stops(self, name, run):
        """The whole of it: `run(sample file)` gives the body that the sample's request was answered with."""
        campaign = self.scheduled_campaign()
        sample = self.sample(name, campaign)
        self.assertEqual(json.loads(run(sample)), SUCCESS)
        self.assertEqual(self.status_of(campaign), "stopped")
        self.assertEqual(json.loads(run(sample)), SUCCESS, "a stop repeated")

    # --- the clients ---

    def test_curl(self):
        # .curlrc says what the documentation of Belay gives as options: --resolve and --cacert.
        (self.folder / ".curlrc").write_text(
            f'resolve = "{program.TLS_HOST}:443:127.0.0.1"\ncacert = "{self.server.ca_file}"\nsilent\nshow-error\n')
        self.stops("stop.sh", lambda sample: self.run_client(["bash", sample]))

    def test_ruby(self):
        show = "eval(File.read(ARGV[0]), TOPLEVEL_BINDING); puts TOPLEVEL_BINDING.local_variable_get(:response).body"
        self.stops("stop.rb", lambda sample: self.run_client(["ruby", "-e", show, sample],
                                                             SSL_CERT_FILE=self.server.ca_file))

    def test_python(self):
        show = "import sys; exec(open(sys.argv[1]).read()); print(response.text)"
        self.stops("stop.py", lambda sample: self.run_client([PYTHON, "-c", show, sample],
                                                             REQUESTS_CA_BUNDLE=self.server.ca_file))

    def test_php(self):
        # The library trusts the file that lies beside it; here that is the private authority.
        shutil.copytree(PREPARED / "vendor", self.folder / "vendor")
        transport = self.folder / "vendor/rmccue/requests/library/Requests/Transport"
        shutil.copy(self.server.ca_file, transport / "cacert.pem")
        (self.folder / "show.php").write_text("<?php echo $response->body;")
        quiet = ["-d", "error_reporting=E_ALL&~E_DEPRECATED", "-d", "auto_append_file=show.php"]
        self.stops("stop.php", lambda sample: self.run_client(["php", *quiet, sample]))

    def test_node(self):
        self.stops("stop.js", lambda sample: self.run_client(
            ["node", "--no-deprecation", sample], NODE_PATH=PREPARED / "node_modules",
            NODE_EXTRA_CA_CERTS=self.server.ca_file))

    def test_official_node_client(self):
        self.run_client(["node", "--no-deprecation", HERE / "official_client.js",
                         f"http://{self.server.ready['listen']}", ACCOUNT, PASSCODE],
                        NODE_PATH=PREPARED / "node_modules")
        self.run_client(["node", "-e", OVER_TLS, ACCOUNT, PASSCODE],
                        NODE_PATH=PREPARED / "node_modules", NODE_EXTRA_CA_CERTS=self.server.ca_file)

    def test_a_wrong_passcode_stops_nothing(self):
        campaign = self.scheduled_campaign()
        show = "import sys; exec(open(sys.argv[1]).read()); print(response.status_code, response.text)"
        said = self.run_client([PYTHON, "-c", show, self.sample("stop.py", campaign, passcode="WRONG")],
                               REQUESTS_CA_BUNDLE=self.server.ca_file)
        status, _, body = said.partition(" ")
        self.assertEqual(status, "401")
        self.assertEqual(json.loads(body)["status"], "fail")
        self.assertEqual(self.status_of(campaign), "pending")

    def test_an_unknown_authority_is_not_trusted(self):
        """The tests above prove nothing about TLS if a client takes any certificate."""
        show = "import sys; exec(open(sys.argv[1]).read())"
        with self.assertRaisesRegex(AssertionError, "CERTIFICATE_VERIFY_FAILED"):
            self.run_client([PYTHON, "-c", show, self.sample("stop.py", 1)])


# The official client with its own address: region India, nothing set.
OVER_TLS = """
const CleverTap = require('clevertap');
const client = CleverTap.init(process.argv[1], process.argv[2], CleverTap.REGIONS.INDIA);
client.targets(client.TARGET_LIST, { from: 20260101, to: 20260131 }).then((listed) => {
  if (listed.status !== 'success') throw new Error(JSON.stringify(listed));
});
process.on('unhandledRejection', (error) => { console.error(error); process.exit(1); });
"""

if __name__ == "__main__":
    unittest.main()
