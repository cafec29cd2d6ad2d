"""A small Deltacloud client: launches an instance and waits until it runs."""

import time

import requests


class Refused(Exception):
    """The cloud said no; the message is the cloud's."""


class NotUnderstood(Exception):
    """The cloud answered something that is not what its API says."""


class Cloud:
    def __init__(self, url, user, password, sleep=time.sleep):
        self._http = requests.Session()
        self._http.auth = (user, password)
        self._http.headers["Accept"] = "application/json"
        self._sleep = sleep
        self._links = {link["rel"]: link["href"] for link in self._get(url)["api"]["links"]}

    def images(self):
        return self._get(self._links["images"])["images"]

    def instances(self):
        return self._get(self._links["instances"])["instances"]

    def launch(self, image_id, name):
        """Launch an instance; if the answer is lost, it is looked for and not launched again."""
        form = {"image_id": image_id, "name": name}
        try:
            answer = self._http.post(self._links["instances"], data=form, timeout=10)
        except requests.ConnectionError:
            for instance in self.instances():
                if instance["name"] == name:
                    return instance
            raise
        return self._read(answer)["instance"]

    def act(self, instance, action):
        """Carry out one of the actions that the instance was shown with."""
        link = next(link for link in instance["actions"] if link["rel"] == action)
        self._read(self._http.request(link["method"], link["href"], timeout=10))

    def wait(self, instance, state):
        """The instance, once it has the state; it is asked for every two seconds."""
        for _ in range(300):
            if instance["state"] == state:
                return instance
            self._sleep(2)
            instance = self._get(instance["href"])["instance"]
        raise TimeoutError(f"{instance['id']} is {instance['state']}, not {state}")

    def _get(self, url):
        for _ in range(5):
            answer = self._http.get(url, timeout=10)
            if answer.status_code not in (429, 503):
                break
            self._sleep(int(answer.headers.get("Retry-After", 1)))
        return self._read(answer)

    @staticmethod
    def _read(answer):
        if answer.status_code >= 400:
            raise Refused(f"{answer.status_code} {answer.text}")
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise NotUnderstood(f"no JSON: {answer.text[:80]}") from error
