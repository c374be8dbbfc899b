"""TLS to a database's servers."""

import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class Tls:
    """Three PEM files: our key, our certificate, and the CA that signed the servers' certificates."""

    private_key: str
    certificate: str
    ca_cert: str

    def context(self) -> ssl.SSLContext:
        """Raises ValueError naming the file that is not good.

        The chain is verified, the name is not: the certificates that ovs-pki(8) and OVN's deployments make carry
        no host name, and Open vSwitch's own clients ask for none. So whoever holds a certificate of this CA can
        stand for the server: give OVN's databases a CA of their own.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        self._load(context)
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        for file in (self.private_key, self.certificate, self.ca_cert):
            _check_readable(file)
        try:
            context.load_verify_locations(self.ca_cert)
        except ssl.SSLError as error:
            raise ValueError(f"{self.ca_cert} holds no certificate of a CA: {error}") from error
        try:
            # without a callback OpenSSL would ask the terminal for the passphrase of an encrypted key
            context.load_cert_chain(self.certificate, self.private_key, password=_no_passphrase)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError(f"{self.certificate} and {self.private_key}: {error}") from error


def _check_readable(file: str) -> None:
    try:
        with open(file, "rb"):
            pass
    except OSError as error:
        raise ValueError(f"can't read {file}: {error.strerror}") from error


def _no_passphrase() -> str:
    raise ValueError("the key is encrypted; a service cannot type its passphrase")
